import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { envSchema } from '../config/env.schema.js';

const upFileSchema = z.looseObject({
  admin_url: z.string(),
  admin_token: z.string(),
  database_url: z.string(),
  redis_url: z.string().nullish(),
  sandbox_url: z.string().optional(),
  private_upstreams: z.string().optional(),
});

/** What a running `npm run up` tells its tools (contract section 9). */
export type UpFile = z.infer<typeof upFileSchema>;

/** The folder of what is kept outside the database: GT_DATA_DIR, or its default. */
export function dataFolder(env: Readonly<Record<string, string | undefined>>): string {
  return envSchema.shape.GT_DATA_DIR.parse(env['GT_DATA_DIR'] || undefined);
}

/** GT_SECRET_KEYS of the environment, else those that `npm run up` keeps in the data folder; null when there are none. */
export function secretKeys(env: Readonly<Record<string, string | undefined>>): string | null {
  if (env['GT_SECRET_KEYS']) return env['GT_SECRET_KEYS'];
  try {
    const kept: unknown = JSON.parse(readFileSync(join(dataFolder(env), 'secrets.json'), 'utf8'));
    return z.looseObject({ secret_keys: z.string() }).parse(kept).secret_keys;
  } catch {
    return null;
  }
}

/** The `up.json` of the data folder; null when nothing runs there. */
export function readUpFile(env: Readonly<Record<string, string | undefined>>): UpFile | null {
  try {
    return upFileSchema.parse(JSON.parse(readFileSync(join(dataFolder(env), 'up.json'), 'utf8')));
  } catch {
    return null;
  }
}
