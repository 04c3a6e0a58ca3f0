import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Empty } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import { clientOf } from './client-of.js';

type Session = Item<'sessions.list'>;

interface Props {
  readonly rows: readonly Session[] | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** Sessions, each of which can be ended except the one that looks. */
export function SessionTable({ rows, error, onRetry }: Props) {
  const [asked, ask] = useState<Session | null>(null);
  const end = useChange('sessions.delete', { done: 'The session has ended.' });
  const close = () => {
    ask(null);
    end.reset();
  };
  const columns: readonly Column<Session>[] = [
    {
      id: 'who',
      header: 'Who',
      className: 'max-w-64',
      cell: ({ name, current }) => (
        <span className="block truncate" title={name}>
          {name} {current && <Badge tone="accent">this one</Badge>}
        </span>
      ),
    },
    {
      id: 'client',
      header: 'Client',
      cell: ({ user_agent, address }) => (
        <div title={user_agent}>
          <span className="block whitespace-nowrap">{clientOf(user_agent)}</span>
          <span className="font-mono text-xs text-muted">{address}</span>
        </div>
      ),
    },
    {
      id: 'method',
      header: 'Signed in by',
      wide: true,
      cell: ({ method, second_factor }) => `${method}${second_factor ? ' and a code' : ''}`,
    },
    { id: 'began', header: 'Began', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
    { id: 'seen', header: 'Last use', cell: ({ last_seen_at }) => <Time at={last_seen_at} /> },
    { id: 'ends', header: 'Ends', wide: true, cell: ({ expires_at }) => <Time at={expires_at} /> },
    {
      id: 'end',
      header: '',
      right: true,
      cell: (row) =>
        row.current ? null : (
          <Button look="danger" className="h-8" aria-label={`End the session of ${row.name}`} onClick={() => ask(row)}>
            End
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable
        label="Sessions"
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        error={error}
        onRetry={onRetry}
        empty={<Empty title="Nobody is signed in." />}
      />
      {asked !== null && (
        <Confirm
          open
          onOpenChange={close}
          title="End this session?"
          description={`${asked.name} is signed out of ${clientOf(asked.user_agent)} at ${asked.address} at once.`}
          action="End it"
          busy={end.isPending}
          onConfirm={() => end.mutate({ id: asked.id }, { onSuccess: close })}
        >
          {end.error !== null && <Trouble error={end.error} />}
        </Confirm>
      )}
    </>
  );
}
