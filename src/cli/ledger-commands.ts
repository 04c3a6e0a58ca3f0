import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { ledgerCheckObject, type LedgerCheckObject } from '../contracts/ledger.js';
import { print, type CliContext } from './cli-context.js';
import { addFieldOptions } from './field-options.js';
import { inUnits } from './money.js';
import { addResource, queryOf } from './resource-commands.js';
import { table } from './table.js';
import { atEachTenant } from './tenant-slugs.js';

const sums = ['reserved', 'settled', 'released', 'open', 'assumed', 'spent'];
const periodColumns = ['tenant', 'budget', 'starts_at', 'unit', ...sums, 'amount', 'overdrawn'];
const totalColumns = ['tenant', 'unit', ...sums];
const amounts = [...sums, 'amount', 'beyond', 'overdrawn'];
const faultColumns = ['tenant', 'what', 'budget', 'starts_at', 'call', 'slice', 'expected', 'found'];

type Flags = Record<string, unknown>;

/** `gt ledger`: what budgets reserved for calls, and `check`, which ends with 1 where something does not agree. */
export function addLedgerCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, {
    name: 'ledger',
    plural: 'entries',
    routes: { list: 'ledger.list' },
    columns: ['created_at', 'call', 'budget', 'kind', 'part', 'amount', 'unit', 'tokens', 'assumed'],
    rowOf: (entry) => withUnit(entry),
  }).description('what budgets reserved for calls, and what those took');
  const { query, summary } = adminRouteRow('ledger.check');
  const command = group.command('check').description(`${summary}; operators who name no tenant check all of them`);
  if (query !== undefined) addFieldOptions(command, query);
  command.action(async (flags: Flags) => {
    const checks = await checksOf(context, flags);
    const isRight = checks.every(({ ok }) => ok);
    if (!isRight) context.exitCode = 1;
    const [only] = checks;
    print(context, only !== undefined && checks.length === 1 ? only : { object: 'list', data: checks }, () => report(checks));
  });
}

function checksOf(context: CliContext, flags: Flags): Promise<LedgerCheckObject[]> {
  return atEachTenant(context, async (tenant) => {
    const asked = { ...queryOf(context, 'ledger.check', flags), tenant };
    return ledgerCheckObject.parse(await context.http.call('ledger.check', { query: asked }));
  });
}

/** The periods, the sums, and whether they are right. */
function report(checks: readonly LedgerCheckObject[]): string {
  const all = <Row extends object>(rowsOf: (check: LedgerCheckObject) => readonly Row[]) =>
    checks.flatMap((check) => rowsOf(check).map((row) => ({ tenant: check.tenant, ...withUnit(row) })));
  const periods = all(({ budgets }) => budgets);
  const hidden = checks.reduce((sum, check) => sum + check.period_count - check.budgets.length, 0);
  const parts = [
    ...(periods.length === 0 ? [] : [table(periodColumns, periods)]),
    ...(hidden === 0 ? [] : [`${hidden} older periods are not shown; the sums have them.\n`]),
    ...(periods.length === 0
      ? []
      : [
          `TOTALS of all budgets: a call is in the sums of each budget that counts it\n${table(
            totalColumns,
            all(({ totals }) => totals),
          )}`,
        ]),
    verdict(
      checks,
      all(({ faults }) => faults),
    ),
  ];
  return parts.join('\n');
}

function verdict(checks: readonly LedgerCheckObject[], faults: readonly Record<string, unknown>[]): string {
  const total = (of: (check: LedgerCheckObject) => number): number => checks.reduce((sum, check) => sum + of(check), 0);
  const what = `${total(({ entries }) => entries)} entries of ${total(({ calls }) => calls)} calls`;
  const count = total(({ fault_count }) => fault_count);
  if (count === 0 && total(({ entries }) => entries) === 0)
    return 'There is nothing to check: no call of a budget is in the ledger here.\n';
  if (count === 0) return `The ledger is right: ${what} agree with the usage records and with the sums of all periods.\n`;
  const more = count > faults.length ? `${count - faults.length} more are not shown.\n` : '';
  return `FAULTS\n${table(faultColumns, faults)}${more}\nThe ledger is wrong: ${count} faults in ${what}.\n`;
}

/** Amounts in units of what is counted, which is named. Faults have none: they tell micro-units and tokens as they are stored. */
function withUnit(row: object): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...row };
  return 'currency' in row ? { ...inUnits(fields, amounts), unit: row.currency ?? 'tokens' } : fields;
}
