import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parsedOrUndefined } from '../kernel/parse-json.js';

type Env = Readonly<Record<string, string | undefined>>;

const form = z.object({ url: z.string(), cookie: z.string() });

/** Who is signed in by `gt sign-in`: the address of the admin plane, and the cookie of the session there. */
export type KeptSession = z.infer<typeof form>;

/** The session of the last `gt sign-in`; undefined where there is none. */
export function readSession(env: Env): KeptSession | undefined {
  try {
    return form.safeParse(parsedOrUndefined(readFileSync(pathOf(env), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Keeps a session for the commands that follow. The file is its owner's alone. @returns its path. */
export function keepSession(env: Env, session: KeptSession): string {
  const path = pathOf(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(session)}\n`, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, path);
  return path;
}

export function forgetSession(env: Env): void {
  rmSync(pathOf(env), { force: true });
}

function pathOf(env: Env): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'gt', 'session.json');
}
