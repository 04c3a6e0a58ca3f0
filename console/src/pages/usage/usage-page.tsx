import { useNavigate, useSearch } from '@tanstack/react-router';
import { ChartColumn } from 'lucide-react';
import { useMemo } from 'react';
import type { Item, Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { compact, money, number } from '../../format/numbers.js';
import { Command } from '../../ui/copy.js';
import { Field, Select } from '../../ui/field.js';
import { Empty, Page, Panel, Stat } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Budgets } from './budgets.js';

type Group = Item<'usage.groups'>;

interface Search {
  readonly by?: Query<'usage.groups'>['by'];
  /** Of the last so many days. */
  readonly days?: number;
  readonly after?: string;
  readonly before?: string;
}

const dimensions = {
  day: 'Day',
  key: 'Key',
  endpoint: 'Published name',
  model: "Provider's model",
  route: 'Route',
  member: 'Member',
  state: 'End',
} as const;

/** What calls to providers add up to, and what budgets leave. */
export function UsagePage() {
  const search = useSearch({ strict: false }) as Search;
  const { by = 'day', days = 30, after, before } = search;
  const navigate = useNavigate();
  const show = (change: Partial<Record<keyof Search, unknown>>) =>
    void navigate({ to: '/usage', search: { ...search, ...change } });
  const since = useMemo(() => String(Math.floor(Date.now() / 86_400_000 - days + 1) * 86_400), [days]);
  const { data, error, refetch } = useCall(
    'usage.groups',
    { query: { by, since, limit: 50, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) } },
    { keep: true, every: 15_000 },
  );
  const columns = useMemo(
    () => [{ id: 'id', header: dimensions[by as keyof typeof dimensions] ?? by, cell: nameOf }, ...amounts],
    [by],
  );
  const totals = data?.totals;
  return (
    <Page title="Usage and budgets" description="Calls that reached a provider. Days are in UTC.">
      <div className="flex flex-wrap gap-3">
        <Field label="By">
          {(own) => (
            <Select
              {...own}
              className="w-auto"
              value={by}
              onChange={({ target }) => show({ by: target.value, after: undefined, before: undefined })}
            >
              {Object.entries(dimensions).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Since">
          {(own) => (
            <Select
              {...own}
              className="w-auto"
              value={days}
              onChange={({ target }) => show({ days: Number(target.value), after: undefined, before: undefined })}
            >
              {[1, 7, 30, 90, 365].map((count) => (
                <option key={count} value={count}>
                  {count === 1 ? 'today' : `${count} days`}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      {totals !== undefined && (
        <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Stat label="Calls" value={compact(totals.calls)} title={number(totals.calls)} />
          <Stat label="Input tokens" value={compact(totals.input_tokens)} title={number(totals.input_tokens)} />
          <Stat label="Output tokens" value={compact(totals.output_tokens)} title={number(totals.output_tokens)} />
          <Stat
            label="Charge"
            value={charges(totals)}
            note={totals.unpriced_calls > 0 ? `${number(totals.unpriced_calls)} calls have no price` : 'all calls have a price'}
          />
        </div>
      )}
      <Panel flush>
        <DataTable
          label="Usage"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <Empty icon={ChartColumn} title="No call reached a provider in this time.">
              On the command line: <Command text={`gt usage by ${by}`} />
            </Empty>
          }
        />
        <Pager page={data} after={after} before={before} onMove={(to) => show({ after: undefined, before: undefined, ...to })} />
      </Panel>
      <Budgets />
    </Page>
  );
}

const nameOf = ({ id, name }: Group) => <span title={name === null ? undefined : id}>{name ?? id}</span>;

const charges = ({ amounts: of }: Pick<Group, 'amounts'>): string =>
  of.map(({ charge, currency }) => money(charge, currency)).join(', ') || '–';

const amounts: readonly Column<Group>[] = [
  { id: 'calls', header: 'Calls', right: true, cell: ({ calls }) => number(calls) },
  { id: 'in', header: 'Input tokens', right: true, wide: true, cell: ({ input_tokens }) => number(input_tokens) },
  { id: 'out', header: 'Output tokens', right: true, wide: true, cell: ({ output_tokens }) => number(output_tokens) },
  { id: 'charge', header: 'Charge', right: true, cell: charges },
];
