import { Link } from '@tanstack/react-router';
import type { Item } from '../../api/call.js';
import { duration, number } from '../../format/numbers.js';
import { Badge, statusTone } from '../../ui/badge.js';
import type { Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

export type Call = Item<'requests.list'>;

/** A call of the request log in a row. */
export const requestColumns: readonly Column<Call>[] = [
  {
    id: 'at',
    header: 'Time',
    cell: ({ id, created_at }) => (
      <Link to={`/requests/${id}`} className="hover:underline">
        <Time at={created_at} />
      </Link>
    ),
  },
  { id: 'route', header: 'Route', wide: true, cell: ({ route }) => <code className="text-xs">{route}</code> },
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

/** Which key it was, beside what the list of one key shows. */
export const columnsWithKey: readonly Column<Call>[] = [
  ...requestColumns.slice(0, 1),
  { id: 'key', header: 'Key', cell: ({ key, key_name }) => key_name ?? <span className="text-muted">{key}</span> },
  ...requestColumns.slice(1),
];
