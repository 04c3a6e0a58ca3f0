import { History } from 'lucide-react';
import { useMemo } from 'react';
import type { Item, Reply } from '../../api/call.js';
import type { Cursor } from '../../app/filters.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

export type Change = Item<'audit.list'>;

interface Props {
  readonly page: Reply<'audit.list'> | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly search: Cursor;
  readonly onMove: (to: Cursor) => void;
  readonly onOpen: (change: Change) => void;
}

/** Changes, the newest first. A click shows what of the object became what. */
export function AuditTable({ page, error, onRetry, search, onMove, onOpen }: Props) {
  const columns = useMemo<readonly Column<Change>[]>(
    () => [
      {
        id: 'what',
        header: 'What',
        cell: (change) => (
          <button type="button" className="rounded text-left hover:underline" onClick={() => onOpen(change)}>
            <span className="font-medium">
              {change.kind.replaceAll('_', ' ')} {change.action.replaceAll('_', ' ')}
            </span>
          </button>
        ),
      },
      {
        id: 'object',
        header: 'Object',
        wide: true,
        className: 'max-w-56',
        cell: ({ object_id }) => <span className="block truncate font-mono text-xs">{object_id}</span>,
      },
      {
        id: 'actor',
        header: 'Who',
        className: 'max-w-56',
        cell: ({ actor, actor_role, address }) => (
          <div className="min-w-0">
            <span className="block truncate" title={actor}>
              {actor.replace(/ \(\w+\)$/, '')}
            </span>
            <span className="text-xs text-muted">
              {actor_role}
              {address !== null && ` from ${address}`}
            </span>
          </div>
        ),
      },
      {
        id: 'fields',
        header: 'Fields',
        wide: true,
        className: 'max-w-64',
        cell: ({ changes }) => (
          <span className="block truncate text-xs text-muted">{Object.keys(changes).join(', ') || '–'}</span>
        ),
      },
      { id: 'at', header: 'Time', cell: ({ created_at }) => <Time at={created_at} /> },
      {
        id: 'sealed',
        header: 'Chain',
        wide: true,
        cell: ({ seq }) => (seq === null ? <Badge tone="info">waits</Badge> : <span className="tabular-nums">{seq}</span>),
      },
    ],
    [onOpen],
  );
  return (
    <>
      <DataTable
        label="Changes"
        columns={columns}
        rows={page?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={onRetry}
        onOpen={onOpen}
        empty={
          <Empty icon={History} title="No change is like this.">
            Take a filter away. Actors and actions are matched as a whole.
          </Empty>
        }
      />
      <Pager page={page} after={search.after} before={search.before} onMove={onMove} />
    </>
  );
}
