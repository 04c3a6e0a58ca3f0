import { Send } from 'lucide-react';
import { useState } from 'react';
import { webhookEvents } from 'virtual:facts';
import type { Item, Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useFilters } from '../../app/filters.js';
import { Badge, State, statusTone } from '../../ui/badge.js';
import { Code } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Select } from '../../ui/field.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

type Delivery = Item<'webhooks.deliveries'>;
type Search = Pick<Query<'webhooks.deliveries'>, 'type' | 'state' | 'after' | 'before'>;

/** What a webhook was told, and how far it came. */
export function Deliveries({ of }: { readonly of: string }) {
  const { search, change, move } = useFilters<Search>(`/webhooks/${of}`);
  const [open, setOpen] = useState<Delivery | null>(null);
  const { data, error, refetch } = useCall(
    'webhooks.deliveries',
    { id: of, query: { ...search, limit: 25 } },
    { keep: true, every: 5_000 },
  );
  const columns: readonly Column<Delivery>[] = [
    {
      id: 'type',
      header: 'Event',
      cell: (row) => (
        <button type="button" className="rounded font-mono text-xs hover:underline" onClick={() => setOpen(row)}>
          {row.type}
        </button>
      ),
    },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    { id: 'answer', header: 'Last answer', cell: (row) => <Answer of={row} /> },
    { id: 'tries', header: 'Tries', right: true, wide: true, cell: ({ attempts }) => attempts },
    { id: 'next', header: 'Next try', wide: true, cell: ({ next_attempt_at }) => <Time at={next_attempt_at} none="none" /> },
    { id: 'at', header: 'Happened', cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  const choice = (name: 'type' | 'state', label: string, values: readonly string[]) => (
    <Select
      aria-label={label}
      className="h-8 w-auto"
      value={search[name] ?? ''}
      onChange={({ target }) => change({ [name]: target.value })}
    >
      <option value="">{label}: all</option>
      {values.map((value) => (
        <option key={value}>{value}</option>
      ))}
    </Select>
  );
  return (
    <Panel
      title="Deliveries"
      flush
      actions={
        <>
          {choice('type', 'Event', webhookEvents)}
          {choice('state', 'State', ['pending', 'delivered', 'failed'])}
        </>
      }
    >
      <DataTable
        label="Deliveries"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={setOpen}
        empty={
          <Empty icon={Send} title="Nothing was delivered yet.">
            An event that the webhook is told of shows here within seconds.
          </Empty>
        }
      />
      <Pager page={data} after={search.after} before={search.before} onMove={move} />
      {open !== null && (
        <Dialog open wide onOpenChange={() => setOpen(null)} title={open.type} description={`Event ${open.id}`}>
          <Code text={JSON.stringify(open.data, null, 2)} label="Copy what was sent" />
        </Dialog>
      )}
    </Panel>
  );
}

function Answer({ of: { last_status, attempts } }: { readonly of: Delivery }) {
  if (last_status !== null) return <Badge tone={statusTone(last_status)}>{last_status}</Badge>;
  return <span className="text-muted">{attempts === 0 ? 'not tried yet' : 'no answer'}</span>;
}
