import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { useFilters, type Cursor } from '../../app/filters.js';
import { State } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Confirm } from '../../ui/dialog.js';
import { Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';

type Token = Item<'operator-tokens.list'>;

/** The tokens of operators. They are made on the command line of a server alone. */
export function OperatorTokens() {
  const { search, move } = useFilters<Cursor & { readonly tab?: string }>('/operator/platform');
  const { tab: _, ...cursor } = search;
  const [asked, ask] = useState<Token | null>(null);
  const { data, error, refetch } = useCall('operator-tokens.list', { query: { ...cursor, limit: 25 } }, { keep: true });
  const revoke = useChange('operator-tokens.revoke', { done: 'The token is revoked.' });
  const columns: readonly Column<Token>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ({ name, last_four }) => (
        <div>
          <span className="block font-medium">{name}</span>
          <span className="font-mono text-xs text-muted">…{last_four}</span>
        </div>
      ),
    },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    { id: 'used', header: 'Last use', wide: true, cell: ({ last_used_at }) => <Time at={last_used_at} /> },
    { id: 'created', header: 'Created', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
    {
      id: 'do',
      header: '',
      right: true,
      cell: (token) =>
        token.state === 'active' ? (
          <Button look="danger" className="h-8" aria-label={`Revoke ${token.name}`} onClick={() => ask(token)}>
            Revoke
          </Button>
        ) : null,
    },
  ];
  return (
    <Panel title="Operator tokens" flush>
      <p className="border-b border-line px-4 py-3 text-sm text-muted">
        New ones are made on a server of the platform: <Command text="gt operator create --name ada" />
      </p>
      <DataTable
        label="Operator tokens"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
      />
      <Pager page={data} after={search.after} before={search.before} onMove={move} />
      {asked !== null && (
        <Confirm
          open
          onOpenChange={() => ask(null)}
          title={`Revoke ${asked.name}?`}
          description="Whoever uses it is refused at once, and its sessions end."
          action="Revoke"
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate({ id: asked.id, body: {} }, { onSuccess: () => ask(null) })}
        >
          {revoke.error !== null && <Trouble error={revoke.error} />}
        </Confirm>
      )}
    </Panel>
  );
}
