import type { Command } from 'commander';
import { z } from 'zod';
import { envSchema } from '../config/env.schema.js';
import { print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { databaseUrl, withDatabase } from './database-access.js';

const { shape } = envSchema;
const settings = z.object({
  GT_DATA_DIR: shape.GT_DATA_DIR,
  GT_STORAGE: shape.GT_STORAGE,
  GT_S3_ENDPOINT: shape.GT_S3_ENDPOINT,
  GT_S3_BUCKET: shape.GT_S3_BUCKET,
  GT_S3_REGION: shape.GT_S3_REGION,
  GT_S3_ACCESS_KEY_ID: shape.GT_S3_ACCESS_KEY_ID,
  GT_S3_SECRET_ACCESS_KEY: shape.GT_S3_SECRET_ACCESS_KEY,
  GT_S3_FORCE_PATH_STYLE: shape.GT_S3_FORCE_PATH_STYLE,
});

/** `gt storage adopt`: gives the storage's objects to this database, for one that was restored or moved. */
export function addStorageCommand(program: Command, context: CliContext): void {
  program
    .command('storage')
    .description('where the contents of files live')
    .command('adopt')
    .description(
      "makes this database (DATABASE_URL) the owner of its objects in the storage; end the former owner's platform first",
    )
    .action(async () => {
      const { env } = context.io;
      const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
      const parsed = settings.safeParse(given);
      if (!parsed.success)
        throw usageError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' '));
      const url = databaseUrl(env);
      const { adoptStorage } = await import('../modules/files/intake/adopt-storage.js');
      const { id, database, before } = await withDatabase(() => adoptStorage(url, parsed.data));
      print(context, { object: 'storage', installation: id, database, before }, () =>
        before === database
          ? `The objects under ${id} are this database's already.\n`
          : `The objects under ${id} are this database's now; they were those of ${before}.\n`,
      );
    });
}
