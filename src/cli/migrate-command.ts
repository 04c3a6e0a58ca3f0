import type { Command } from 'commander';
import { print, type CliContext } from './cli-context.js';
import { databaseUrl, withDatabase } from './database-access.js';

/** `gt migrate`: brings the database to this build's schema. */
export function addMigrateCommand(program: Command, context: CliContext): void {
  program
    .command('migrate')
    .description('brings the database to the schema of this build (DATABASE_URL); running it again changes nothing')
    .action(async () => {
      const url = databaseUrl(context.io.env);
      const { migrate } = await import('../platform/database/migrate.js');
      const { applied } = await withDatabase(() => migrate(url));
      print(context, { object: 'migration', applied }, () =>
        applied.length === 0
          ? 'The database is up to date.\n'
          : `Applied ${applied.length}:\n${applied.map((name) => `  ${name}\n`).join('')}`,
      );
    });
}
