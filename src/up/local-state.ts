import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { DataFolder } from './data-folder.js';

const secretsFile = 'secrets.json';
const stateFile = 'state.json';

const secretsSchema = z.object({
  /** GT_SECRET_KEYS of this machine. Without it the sealed secrets in the database are lost. */
  secret_keys: z.string(),
  sandbox_token: z.string(),
  /** The operator's `gtad_` token that `up` and `gt` use; absent until the first start made it. */
  admin_token: z.string().optional(),
});

export type Secrets = z.infer<typeof secretsSchema>;

const stateSchema = z.object({
  sandbox_port: z.number().optional(),
  /** The databases (see `databaseMark`) that have had their demo platform. */
  seeded: z.array(z.string()).default([]),
  /** What the connection to the real provider was last made from (see `secretMark`). */
  openai_mark: z.string().optional(),
});

export type State = z.infer<typeof stateSchema>;

/** The secrets of this data folder, made at the first start. */
export function loadSecrets(folder: DataFolder): Secrets {
  const known = folder.readJson(secretsFile, secretsSchema);
  if (known !== null) return known;
  const made: Secrets = {
    secret_keys: `local:${randomBytes(32).toString('base64')}`,
    sandbox_token: `sandbox-${randomBytes(24).toString('base64url')}`,
  };
  folder.writeJson(secretsFile, made);
  return made;
}

export function saveSecrets(folder: DataFolder, secrets: Secrets): void {
  folder.writeJson(secretsFile, secrets);
}

/** What `up` remembers between starts and could do without. */
export function loadState(folder: DataFolder): State {
  return folder.readJson(stateFile, stateSchema) ?? { seeded: [] };
}

export function changeState(folder: DataFolder, change: Partial<State>): void {
  folder.writeJson(stateFile, { ...loadState(folder), ...change });
}

/** Tells one database from another without telling its password; the embedded one is always itself. */
export function databaseMark(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return 'embedded';
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port || '5432'}${pathname}`;
}

/** Tells whether a secret is still the same one without keeping it. */
export function secretMark(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
