import { z } from 'zod';
import { envSchema, type Env } from './env.schema.js';

/** What is wrong with the settings, one line for each. Start-up prints the lines and ends with exit code 2. */
export class ConfigError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ConfigError';
  }
}

export type Config = Readonly<Env>;

function freeze<T extends object>(value: T): Readonly<T> {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member);
  return Object.freeze(value);
}

/**
 * Reads and checks all settings, once, at the start of a process.
 * An empty variable counts as not set, so that `GT_X=` in a compose file means the default.
 * @throws ConfigError naming every setting that is missing, malformed or unknown.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const known = new Set(Object.keys(envSchema.shape));
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => known.has(name) && value !== ''));
  const lines = Object.keys(environment)
    .filter((name) => name.startsWith('GT_') && !known.has(name) && !name.startsWith('GT_TEST_') && !name.startsWith('GT_ADMIN_'))
    .map((name) => `${name} is not a setting of the GT API; see docs/settings.md.`);
  const result = envSchema.safeParse(given);
  if (!result.success) {
    lines.push(...result.error.issues.map((issue) => `${issue.path.join('.')} ${sentence(issue)}`));
  }
  if (!result.success || lines.length > 0) throw new ConfigError(lines);
  return freeze(result.data);
}

function sentence(issue: z.core.$ZodIssue): string {
  const text = issue.message.replace(/^Invalid input: /, 'is not valid: ').replace(/^Invalid /, 'is not valid: ');
  return text.endsWith('.') ? text : `${text}.`;
}
