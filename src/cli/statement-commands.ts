import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { statementCsv } from '../contracts/statement-csv.js';
import { statementLine, statementObject, type StatementLine } from '../contracts/statements.js';
import { print, type CliContext } from './cli-context.js';
import { inUnits } from './money.js';
import { queryOf } from './resource-commands.js';
import { table } from './table.js';
import { totalLines } from './usage-commands.js';

const columns = Object.keys(statementLine.shape).filter((name) => name !== 'key');

/** `gt statement show`: what a tenant used and is charged in a month. */
export function addStatementCommands(program: Command, context: CliContext): void {
  const group = program.command('statement').description('what a tenant is charged');
  group
    .command('show [month]')
    .description(adminRouteRow('statements.get').summary)
    .option('--csv', 'the lines as a file of a spreadsheet')
    .action(async (month: string | undefined, { csv }: { readonly csv?: true }) => {
      const query = queryOf(context, 'statements.get', { month });
      const reply = statementObject.parse(await context.http.call('statements.get', { query }));
      print(context, reply, () =>
        csv === true ? statementCsv(reply.lines) : `${table(columns, reply.lines.map(shownLine))}\n${totalLines(reply.totals)}`,
      );
    });
}

function shownLine(line: StatementLine): Record<string, unknown> {
  return inUnits(line, ['cost', 'charge']);
}
