import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { answered, ended, endedBadly, inOwnFolder, type CommandTold } from './command.js';
import type { Given } from './program.js';

/** What else it would call. Without telemetry it still tells its makers that there is none. */
const silent = {
  PROMPTFOO_DISABLE_TELEMETRY: '1',
  PROMPTFOO_DISABLE_UPDATE: '1',
  PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
  PROMPTFOO_DISABLE_SHARING: '1',
};

const evaluated = z.object({
  results: z.object({
    results: z
      .array(z.object({ response: z.object({ output: z.string().optional() }).optional(), error: z.string().nullish() }))
      .min(1),
  }),
});

/** One evaluation of one prompt by promptfoo, with a home of its own. */
export function runPromptfoo(
  program: string,
  { baseURL, apiKey, model, question }: CommandTold,
): Promise<Readonly<Record<string, Given>>> {
  return inOwnFolder(async (home) => {
    const [file, results] = [join(home, 'promptfooconfig.json'), join(home, 'results.json')];
    await writeFile(file, configuration(baseURL, model, question));
    const flags = ['--no-cache', '--no-write', '--no-table', '--no-progress-bar', '--no-share'];
    const command = [process.execPath, program, 'eval', '--config', file, '--output', results, ...flags] as const;
    const env = { HOME: home, PROMPTFOO_CONFIG_DIR: home, GT_API_KEY: apiKey, ...silent };
    const end = await ended(command, { folder: home, env, baseURL });
    const result = await resultIn(results);
    if (result === undefined) return { answer: endedBadly(end) };
    const { response, error } = result;
    return { answer: error ? { wrong: `fails: ${error.slice(0, 300)}` } : answered(response?.output ?? '', end) };
  });
}

async function resultIn(file: string) {
  try {
    return evaluated.parse(JSON.parse(await readFile(file, 'utf8'))).results.results[0];
  } catch {
    return undefined;
  }
}

function configuration(baseURL: string, model: string, question: string): string {
  return JSON.stringify({
    prompts: [question],
    providers: [{ id: `openai:chat:${model}`, config: { apiBaseUrl: baseURL, apiKeyEnvar: 'GT_API_KEY' } }],
  });
}
