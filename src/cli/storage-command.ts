import type { Command } from 'commander';
import { print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { databaseUrl, withDatabase } from './database-access.js';
import { storageSettings } from './storage-settings.js';

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
      const parsed = storageSettings.safeParse(given);
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
