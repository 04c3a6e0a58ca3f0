import { runCli } from './cli.js';
import type { Check } from '../../src/cli/doctor/check.js';

/** What `gt doctor` said. */
export interface Examination {
  readonly code: number;
  readonly checks: readonly Check[];
  /** Ids of what is wrong, in order. */
  readonly found: readonly string[];
  /** What was seen of the first thing that is wrong. */
  readonly seen: string;
}

/** Runs `gt doctor` with these arguments. @throws Error when it was used wrongly. */
export async function examine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Examination> {
  const { code, out, err } = await runCli(['doctor', '--json', ...args], env);
  if (out === '') throw new Error(err);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  const wrong = checks.filter(({ diagnosis }) => diagnosis !== null);
  return { code, checks, found: wrong.map(({ diagnosis }) => String(diagnosis)), seen: wrong[0]?.detail ?? '' };
}
