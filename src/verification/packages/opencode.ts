import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { answered, ended, endedBadly, eventsIn, inOwnFolder, type CommandTold, type Ended } from './command.js';
import type { Given } from './program.js';

/** The package that has opencode's program for this machine: its launcher `opencode-ai` depends on it. */
export const opencodeProgramPackage = `opencode-${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** What else it would call: newer versions, its list of models, servers for languages, the package for plugins. */
const silent = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  npm_config_offline: 'true',
};

const told = z.object({ type: z.literal('text'), part: z.object({ text: z.string() }) });
const broken = z.object({
  type: z.literal('error'),
  error: z.object({ data: z.object({ message: z.string(), statusCode: z.number().optional() }) }),
});

/** One turn of opencode, with a home of its own. It streams every answer. */
export function runOpencode(
  program: string,
  { baseURL, apiKey, model, question }: CommandTold,
): Promise<Readonly<Record<string, Given>>> {
  return inOwnFolder(async (home) => {
    const file = join(home, 'opencode.json');
    await writeFile(file, configuration(baseURL, model));
    // With a title, it asks no model for one.
    const flags = ['--format', 'json', '--title', 'Verification', '--model', `gt/${model}`];
    const env = { HOME: home, OPENCODE_CONFIG: file, OPENCODE_DISABLE_PROJECT_CONFIG: '1', GT_API_KEY: apiKey, ...silent };
    const end = await ended([program, 'run', ...flags, question], { folder: home, env, baseURL });
    const given = givenBy(end);
    return { answer: given, stream: given };
  });
}

function givenBy(end: Ended): Given {
  const events = eventsIn(end);
  const error = events.map((event) => broken.safeParse(event).data).find((found) => found !== undefined);
  if (error !== undefined) {
    const { statusCode, message } = error.error.data;
    return { wrong: `fails${statusCode === undefined ? '' : ` with status ${statusCode}`}: ${message.slice(0, 300)}` };
  }
  if (end.code !== 0) return endedBadly(end);
  return answered(events.map((event) => told.safeParse(event).data?.part.text ?? '').join(''), end);
}

function configuration(baseURL: string, model: string): string {
  return JSON.stringify({
    autoupdate: false,
    share: 'disabled',
    // There is nobody to ask, so it does nothing that the model wants of it.
    permission: { '*': 'ask' },
    enabled_providers: ['gt'],
    provider: {
      gt: {
        npm: '@ai-sdk/openai-compatible',
        name: 'GT',
        options: { baseURL, apiKey: '{env:GT_API_KEY}' },
        models: { [model]: { name: model, limit: { context: 131_072, output: 16_384 } } },
      },
    },
  });
}
