import { parseArgs } from 'node:util';
import { sandboxParts, type SandboxPart } from './routes.js';
import type { SandboxOptions } from './server.js';

export const settingsUsage =
  'usage: node dist/sandbox/main.js [--host 127.0.0.1] [--port 4120] [--token TOKEN] [--grace-ms 5000] [--only chat,embeddings]';

/** What the sandbox's own process runs with; `graceMs` is how long open requests may run on after a stop. */
export interface SandboxSettings extends SandboxOptions {
  readonly graceMs: number;
}

/**
 * The settings from the command line. The token may come from the environment instead, where no process list shows it.
 * @throws Error with a sentence for the operator when an argument is unknown or malformed.
 */
export function readSettings(args: readonly string[], environmentToken: string | undefined): SandboxSettings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { host: text, port: text, token: text, 'grace-ms': text, only: text },
  });
  return {
    host: values.host ?? '127.0.0.1',
    port: wholeNumber('--port', values.port ?? '4120', 65_535),
    token: values.token ?? (environmentToken || undefined),
    only: values.only === undefined ? undefined : parts(values.only),
    graceMs: wholeNumber('--grace-ms', values['grace-ms'] ?? '5000', 3_600_000),
  };
}

function parts(text: string): readonly SandboxPart[] {
  return text.split(',').map((name) => {
    const part = sandboxParts.find((candidate) => candidate === name);
    if (part === undefined) throw new Error(`--only takes, with commas between them: ${sandboxParts.join(', ')}`);
    return part;
  });
}

function wholeNumber(name: string, text: string, largest: number): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) > largest) throw new Error(`${name} must be a whole number up to ${largest}`);
  return Number(text);
}
