import type { Command } from 'commander';
import { print, type CliContext } from './cli-context.js';
import { checkDatabase } from './doctor-database.js';
import { settingsCheck, dataFolderCheck, nodeCheck, type Check } from './doctor-checks.js';
import { printable } from './table.js';

/** `gt doctor`: looks over this machine's settings and the database, and says what to do about what is wrong. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('checks settings and database and says what to do')
    .action(async () => {
      const { env } = context.io;
      const checks = [nodeCheck(process.versions.node), settingsCheck(env), dataFolderCheck(env), ...(await checkDatabase(env))];
      const ok = checks.every((check) => check.ok);
      print(context, { object: 'doctor', ok, checks }, () => checks.map(line).join(''));
      if (!ok) context.exitCode = 1;
    });
}

function line({ check, ok, detail, advice }: Check): string {
  const text = `${ok ? 'ok  ' : 'FAIL'}  ${check}: ${detail}`;
  return `${printable(advice === null ? text : `${text} ${advice}`)}\n`;
}
