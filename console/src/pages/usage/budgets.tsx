import { Wallet } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { compact, money, percent } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Command } from '../../ui/copy.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

type Budget = Item<'budgets.list'>;

/** What calls may still take, in the period that is running. */
export function Budgets() {
  const { data, error, refetch } = useCall('budgets.list', { query: { limit: 100 } }, { every: 15_000 });
  return (
    <Panel flush title="Budgets">
      <DataTable
        label="Budgets"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <Empty icon={Wallet} title="There are no budgets.">
            An owner sets one: <Command text="gt budget create --window month --amount 50000000" />
          </Empty>
        }
      />
    </Panel>
  );
}

const amountOf = (amount: number, { currency }: Budget): string =>
  currency === null ? `${compact(amount)} tokens` : money(amount, currency);

const columns: readonly Column<Budget>[] = [
  { id: 'of', header: 'Of', cell: ({ subject, key_name, endpoint }) => key_name ?? endpoint ?? subject },
  { id: 'window', header: 'Window', cell: ({ window }) => window },
  { id: 'amount', header: 'Amount', right: true, cell: (budget) => amountOf(budget.amount, budget) },
  {
    id: 'spent',
    header: 'Spent',
    right: true,
    cell: (budget) => `${amountOf(budget.period.spent, budget)} (${percent(budget.period.spent, budget.amount)})`,
  },
  { id: 'left', header: 'Left', right: true, cell: (budget) => amountOf(budget.period.left, budget) },
  { id: 'ends', header: 'Begins anew', wide: true, cell: ({ period }) => <Time at={period.ends_at} none="never" /> },
  {
    id: 'state',
    header: 'State',
    cell: ({ period, hard }) =>
      period.used_up ? (
        <Badge tone="bad">{hard ? 'used up' : 'passed'}</Badge>
      ) : period.soft_reached ? (
        <Badge tone="warn">soft limit</Badge>
      ) : (
        <Badge tone="good">fine</Badge>
      ),
  },
];
