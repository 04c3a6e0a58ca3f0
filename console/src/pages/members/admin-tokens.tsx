import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { useFilters, type Cursor } from '../../app/filters.js';
import { useMay } from '../../app/session.js';
import { Badge, State } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Confirm } from '../../ui/dialog.js';
import { Empty, Panel } from '../../ui/panel.js';
import { SecretOnce } from '../../ui/secret-once.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import { NewAdminToken } from './new-admin-token.js';

type Token = Item<'admin-tokens.list'>;

/** The tokens by which programs call the admin API. */
export function AdminTokens() {
  const { search, move } = useFilters<Cursor>('/members');
  const { after, before } = search;
  const may = useMay();
  const [isNew, begin] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [asked, ask] = useState<Token | null>(null);
  const revoke = useChange('admin-tokens.revoke', { done: 'The token is revoked.' });
  const query = { limit: 25, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) };
  const { data, error, refetch } = useCall('admin-tokens.list', { query }, { keep: true });
  const close = () => {
    ask(null);
    revoke.reset();
  };
  const columns: readonly Column<Token>[] = [
    {
      id: 'name',
      header: 'Name',
      className: 'max-w-64',
      cell: ({ name, last_four }) => (
        <div className="min-w-0">
          <span className="block truncate font-medium">{name}</span>
          <span className="font-mono text-xs whitespace-nowrap text-muted">gtad_…{last_four}</span>
        </div>
      ),
    },
    { id: 'role', header: 'Role', cell: ({ role }) => <Badge>{role}</Badge> },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    { id: 'used', header: 'Last use', wide: true, cell: ({ last_used_at }) => <Time at={last_used_at} /> },
    { id: 'ends', header: 'Ends', wide: true, cell: ({ expires_at }) => <Time at={expires_at} /> },
    {
      id: 'do',
      header: '',
      right: true,
      cell: (token) =>
        may('admin-tokens.revoke') && token.state === 'active' ? (
          <Button look="danger" className="h-8" aria-label={`Revoke ${token.name}`} onClick={() => ask(token)}>
            Revoke
          </Button>
        ) : null,
    },
  ];
  const create = may('admin-tokens.create') && (
    <Button icon={Plus} onClick={() => begin(true)}>
      Create a token
    </Button>
  );
  return (
    <Panel title="Admin tokens" actions={create} flush>
      <DataTable
        label="Admin tokens"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <Empty icon={KeyRound} title="There are no admin tokens.">
            Programs use them for the admin API and for gt. <Command text="gt admin-token create --name deploys --role manager" />
          </Empty>
        }
      />
      <Pager page={data} after={after} before={before} onMove={move} />
      {isNew && (
        <NewAdminToken
          onClose={() => begin(false)}
          onMade={(made) => {
            begin(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && (
        <SecretOnce
          title="The new admin token"
          description="Put it where your program reads it: GT_ADMIN_TOKEN for gt, or the header Authorization: Bearer."
          secret={secret}
          copy="Copy the token"
          onClose={() => setSecret(null)}
        />
      )}
      {asked !== null && (
        <Confirm
          open
          onOpenChange={close}
          title={`Revoke ${asked.name}?`}
          description="What uses it is refused at once. It cannot be brought back."
          action="Revoke"
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate({ id: asked.id, body: {} }, { onSuccess: close })}
        >
          {revoke.error !== null && <Trouble error={revoke.error} />}
        </Confirm>
      )}
    </Panel>
  );
}
