import type { Command } from 'commander';
import { z } from 'zod';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { Money } from '../contracts/money.js';
import { usageGroupList, type AdminUsageTotals } from '../contracts/usage.js';
import { print, remark, type CliContext } from './cli-context.js';
import { addFieldOptions } from './field-options.js';
import { inUnits } from './money.js';
import { queryOf } from './resource-commands.js';
import { fieldLines, table } from './table.js';

const callColumns = [
  'created_at',
  'endpoint',
  'connection',
  'model',
  'route',
  'status',
  'upstream_status',
  'state',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'audio_seconds',
  'input_characters',
  'images',
  'image_size',
  'provider_batch',
  'cost',
  'charge',
  'currency',
  'latency_ms',
  'key_name',
  'request_id',
  'id',
];
const priced = ['cost', 'charge'];
const row = z.record(z.string(), z.unknown());
const usageTotalsReply = z.looseObject({ amounts: z.array(row) });
const usageReply = z.looseObject({
  data: z.array(row),
  totals: usageTotalsReply,
  has_more: z.boolean(),
  last_id: z.string().nullable(),
});

const groupColumns = [
  'id',
  'name',
  'calls',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'total_tokens',
  'audio_seconds',
  'input_characters',
  'images',
  'unpriced_calls',
  'charges',
];

/** `gt usage list`: calls to providers, and the sums over all that the filter holds; `gt usage by`: the same put together. */
export function addUsageCommands(program: Command, context: CliContext): void {
  const group = program.command('usage').description("a tenant's calls to providers");
  const { query, summary } = adminRouteRow('usage.list');
  const command = group.command('list').description(summary);
  if (query !== undefined) addFieldOptions(command, query);
  command.action(async (flags: Record<string, unknown>) => {
    const reply = usageReply.parse(await context.http.call('usage.list', { query: queryOf(context, 'usage.list', flags) }));
    print(
      context,
      reply,
      () =>
        `${table(
          callColumns,
          reply.data.map((call) => inUnits(call, priced)),
        )}\n${totalLines(reply.totals)}`,
    );
    if (reply.has_more) remark(context, `There are more: --after ${reply.last_id ?? ''}`);
  });
  addBy(group, context);
}

function addBy(group: Command, context: CliContext): void {
  const { query, summary } = adminRouteRow('usage.groups');
  const command = group.command('by <what>').description(summary);
  if (query !== undefined) addFieldOptions(command, query, ['by']);
  command.action(async (by: string, flags: Record<string, unknown>) => {
    const reply = usageGroupList.parse(
      await context.http.call('usage.groups', { query: queryOf(context, 'usage.groups', { ...flags, by }) }),
    );
    const rows = reply.data.map((one) => ({ ...one, charges: chargesOf(one.amounts) }));
    const columns = groupColumns.filter((name) => name !== 'name' || rows.some((one) => one.name !== null));
    print(context, reply, () => `${table(columns, rows)}\n${totalLines(reply.totals)}`);
    if (reply.has_more) remark(context, `There are more: --after ${reply.last_id ?? ''}`);
  });
}

function chargesOf(amounts: AdminUsageTotals['amounts']): string {
  return amounts.map(({ currency, charge }) => `${new Money(charge).text()} ${currency}`).join(', ');
}

/** Sums, and amounts by currency below them. */
export function totalLines({ amounts, ...totals }: z.infer<typeof usageTotalsReply>): string {
  const rows = amounts.map((one) => inUnits(one, priced));
  return `TOTALS\n${fieldLines(totals)}${rows.length === 0 ? '' : `\nAMOUNTS\n${table(['currency', 'calls', ...priced], rows)}`}`;
}
