import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Activity } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { duration, number } from '../../format/numbers.js';
import { Badge, statusTone } from '../../ui/badge.js';
import { Command } from '../../ui/copy.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import type { KeyObject } from './key-draft.js';

type Call = Item<'requests.list'>;

const columns: readonly Column<Call>[] = [
  {
    id: 'at',
    header: 'Time',
    cell: ({ id, created_at }) => (
      <Link to={`/requests/${id}`} className="hover:underline">
        <Time at={created_at} />
      </Link>
    ),
  },
  { id: 'route', header: 'Route', cell: ({ route }) => <code className="text-xs">{route}</code> },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status, error_code, count }) => (
      <span className="flex items-center gap-2">
        <Badge tone={statusTone(status)}>{status}</Badge>
        {error_code !== null && <span className="text-xs whitespace-nowrap text-muted">{error_code}</span>}
        {count > 1 && <Badge>× {number(count)}</Badge>}
      </span>
    ),
  },
  { id: 'endpoint', header: 'Model', wide: true, cell: ({ endpoint }) => endpoint ?? <span className="text-muted">–</span> },
  { id: 'latency', header: 'Latency', right: true, cell: ({ latency_ms }) => duration(latency_ms) },
  { id: 'tokens', header: 'Tokens', right: true, wide: true, cell: ({ total_tokens }) => number(total_tokens) },
  {
    id: 'client',
    header: 'From',
    wide: true,
    cell: ({ client_address, client_agent }) => (
      <span className="block max-w-40 truncate text-muted" title={client_agent ?? undefined}>
        {client_address}
      </span>
    ),
  },
];

/** The calls of a key, refusals included, the newest first. */
export function KeyRequests({ of: { id } }: { readonly of: KeyObject }) {
  const { after, before } = useSearch({ strict: false }) as { readonly after?: string; readonly before?: string };
  const navigate = useNavigate();
  const isFirst = after === undefined && before === undefined;
  const { data, error, refetch } = useCall(
    'requests.list',
    { query: { key: id, limit: 25, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) } },
    { keep: true, ...(isFirst ? { every: 5_000 } : {}) },
  );
  return (
    <Panel
      title="Requests"
      flush
      actions={
        <Link to="/requests" search={{ key: id }} className="text-sm text-accent-text hover:underline">
          All filters
        </Link>
      }
    >
      <DataTable
        label="Requests of the key"
        columns={columns}
        rows={data?.data}
        rowId={(call) => call.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(call) => void navigate({ to: `/requests/${call.id}` })}
        empty={
          <Empty icon={Activity} title="The key has made no call yet.">
            Calls appear here within seconds, refused ones too. On the command line:{' '}
            <Command text={`gt request list --key ${id}`} />
          </Empty>
        }
      />
      <Pager
        page={data}
        after={after}
        before={before}
        onMove={(to) => void navigate({ to: `/keys/${id}`, search: { tab: 'requests', ...to } })}
      />
    </Panel>
  );
}
