import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { State } from '../../ui/badge.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import type { Agent } from './agent-draft.js';

type Key = Item<'keys.list'>;

/** The keys whose allowlists name the agent, of one page of all keys at a time. */
export function AgentUsers({ of: agent }: { readonly of: Agent }) {
  const [cursor, move] = useState<{ readonly after?: string | undefined; readonly before?: string | undefined }>({});
  const endpoints = useCall('endpoints.list', { query: { agent: agent.id, limit: 100 } });
  const { data, error, refetch } = useCall('keys.list', { query: { ...cursor, limit: 100 } }, { keep: true });
  const names = useMemo(() => new Set(['*', ...(endpoints.data?.data.map(({ name }) => name) ?? [])]), [endpoints.data]);
  const rows = data?.data.filter(({ agents }) => agents.some((name) => names.has(name)));
  const columns: readonly Column<Key>[] = [
    {
      id: 'name',
      header: 'Key',
      cell: ({ id, name, last_four }) => (
        <Link to={`/keys/${id}`} className="font-medium hover:underline">
          {name} <span className="font-mono text-xs text-muted">…{last_four}</span>
        </Link>
      ),
    },
    {
      id: 'by',
      header: 'By the name',
      cell: ({ agents }) => (agents.includes('*') ? 'all agents' : agents.filter((name) => names.has(name)).join(', ')),
    },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    { id: 'created', header: 'Made', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  return (
    <Panel flush>
      <DataTable
        label="Keys that may use it"
        columns={columns}
        rows={endpoints.data?.data.length === 0 ? [] : rows}
        rowId={({ id }) => id}
        error={error ?? endpoints.error}
        onRetry={() => void refetch()}
        empty={
          <Empty
            title={
              endpoints.data?.data.length === 0
                ? 'It has no published name, so nobody can call it.'
                : 'None of these keys may use it.'
            }
          >
            {data?.has_more === true && 'Only a hundred keys are looked at. Go on to the next ones below.'}
          </Empty>
        }
      />
      <Pager page={data} {...cursor} onMove={move} />
    </Panel>
  );
}
