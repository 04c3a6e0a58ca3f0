import { useMemo } from 'react';
import type { Reply } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { bytes, money, number } from '../../format/numbers.js';
import { Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import type { KeyObject } from './key-draft.js';

type Limits = Reply<'keys.limits'>;

/** A limit or a budget, in words. */
interface Row {
  readonly id: string;
  readonly what: string;
  readonly whose: string;
  readonly left: number;
  readonly most: number;
  readonly shown: (value: number) => string;
  readonly again: string;
}

const columns: readonly Column<Row>[] = [
  { id: 'what', header: 'Limit', cell: ({ what }) => <span className="whitespace-nowrap">{what}</span> },
  { id: 'whose', header: 'Of', cell: ({ whose }) => <span className="text-muted">{whose}</span> },
  {
    id: 'left',
    header: 'Left',
    cell: ({ left, most, shown, what }) => (
      <span className="flex items-center gap-3">
        <Share label={`${what}: ${shown(left)} of ${shown(most)} left`} left={left} most={most} />
        <span className="whitespace-nowrap tabular-nums">
          {shown(left)} of {shown(most)}
        </span>
      </span>
    ),
  },
  { id: 'again', header: 'Full again', wide: true, cell: ({ again }) => <span className="text-muted">{again}</span> },
];

/** What is left of all limits and budgets that the key's calls count against, as it is now. */
export function KeyLimits({ of: { id } }: { readonly of: KeyObject }) {
  const { data, error, refetch } = useCall('keys.limits', { id }, { every: 3_000 });
  const rows = useMemo(() => data && rowsOf(data), [data]);
  return (
    <Panel title="What is left now" flush>
      <DataTable
        label="Limits and budgets"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<p className="px-4 py-8 text-center text-sm text-muted">Its calls count against no limit and no budget.</p>}
      />
    </Panel>
  );
}

function rowsOf({ data, budgets }: Limits): Row[] {
  const limits = data.map((one): Row => {
    const { limit, of, name, most, left, full_in_seconds: full } = one;
    return {
      id: `${of}/${name}/${limit}`,
      what: limit.replaceAll('_', ' '),
      whose: `${of.replaceAll('_', ' ')} ${name}`,
      ...{ left, most },
      shown: limit === 'stored_bytes' ? bytes : number,
      again: full === null ? '–' : full < 1 ? 'now' : `in ${Math.ceil(full)} s`,
    };
  });
  const spent = budgets.map((one): Row => {
    const { id, of, name, window, currency, amount, left, ends_at } = one;
    return {
      id,
      what: `budget, ${window === 'total' ? 'for good' : `each ${window}`}`,
      whose: `${of.replaceAll('_', ' ')} ${name}`,
      left,
      most: amount,
      shown: (value) => (currency === null ? `${number(value)} tokens` : money(value, currency)),
      again:
        ends_at === null
          ? 'never'
          : new Date(ends_at * 1000).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' }),
    };
  });
  return [...limits, ...spent];
}

function Share({ label, left, most }: { readonly label: string; readonly left: number; readonly most: number }) {
  const share = most === 0 ? 0 : Math.max(0, Math.min(1, left / most));
  const tone = share < 0.1 ? 'bg-bad' : share < 0.3 ? 'bg-warn' : 'bg-good';
  return (
    <span role="img" aria-label={label} className="hidden h-1.5 w-28 shrink-0 overflow-hidden sm:block rounded bg-sunken">
      <span className={`block h-full ${tone}`} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
