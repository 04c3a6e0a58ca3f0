import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { answered, ended, endedBadly, eventsIn, inOwnFolder, type CommandTold, type Ended } from './command.js';
import type { Given } from './program.js';

const completed = z.object({ type: z.literal('turn.completed') });
const broken = z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) });

/** One turn of the Codex CLI, with a home of its own. */
export function runCodex(
  program: string,
  { baseURL, apiKey, model, question }: CommandTold,
): Promise<Readonly<Record<string, Given>>> {
  return inOwnFolder(async (home) => {
    await writeFile(join(home, 'config.toml'), configuration(baseURL, model));
    const flags = ['--json', '--skip-git-repo-check', '--sandbox', 'read-only', '--cd', home];
    // The command is a script of Node, which is found where this Node is.
    const env = { HOME: home, CODEX_HOME: home, GT_KEY: apiKey };
    const end = await ended([process.execPath, program, 'exec', ...flags, question], { folder: home, env, baseURL });
    return { answer: givenBy(end) };
  });
}

function givenBy(end: Ended): Given {
  const events = eventsIn(end);
  const error = events.map((event) => broken.safeParse(event).data).find((found) => found !== undefined);
  if (error !== undefined) return { wrong: `fails: ${error.error.message.slice(0, 300)}` };
  const isWhole = end.code === 0 && events.some((event) => completed.safeParse(event).success);
  return isWhole ? answered('a whole turn', end) : endedBadly(end);
}

function configuration(baseURL: string, model: string): string {
  return `
model = ${JSON.stringify(model)}
model_provider = "gt"
check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
[model_providers.gt]
name = "gt"
base_url = ${JSON.stringify(baseURL)}
env_key = "GT_KEY"
wire_api = "responses"
`;
}
