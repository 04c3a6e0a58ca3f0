import { Link } from '@tanstack/react-router';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Item, Query } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Badge } from '../../ui/badge.js';
import { Button, IconButton } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Confirm } from '../../ui/dialog.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { FormTrouble } from '../../ui/trouble.js';
import { EndpointDialog } from './endpoint-dialog.js';

export type Endpoint = Item<'endpoints.list'>;
interface Cursor {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}
interface ListProps {
  readonly query: Query<'endpoints.list'>;
  readonly onMove?: (to: Cursor) => void;
}

/** The names that clients put into `model`, and what answers under each. */
export function EndpointList({ query, onMove }: ListProps) {
  const may = useMay();
  const [changed, change] = useState<Endpoint | 'new' | null>(null);
  const [gone, remove] = useState<Endpoint | null>(null);
  const { data, error, refetch } = useCall('endpoints.list', { query: { ...query, limit: 25 } }, { keep: true });
  const columns: readonly Column<Endpoint>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ({ name, default: isDefault }) => (
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium break-all">{name}</span>
          {isDefault && <Badge tone="accent">Default</Badge>}
        </span>
      ),
    },
    {
      id: 'behind',
      header: 'Answers',
      cell: ({ agent, revision, raw_model: raw }) =>
        agent === null ? (
          <span className="break-all">{raw === null ? '–' : `${raw.connection}/${raw.model}`}</span>
        ) : (
          <>
            <Link to={`/agents/${agent}`} className="hover:underline">
              {agent}
            </Link>
            {revision !== null && <span className="text-muted">, revision {revision}</span>}
          </>
        ),
    },
    { id: 'kind', header: 'Kind', wide: true, cell: ({ kind }) => (kind === 'agent_alias' ? 'Agent' : 'Raw model') },
    { id: 'serves', header: 'Serves', wide: true, cell: ({ modalities }) => modalities.join(', ') },
    {
      id: 'limits',
      header: 'Requests a minute',
      wide: true,
      right: true,
      cell: ({ limits }) => limits.requests_per_minute ?? '–',
    },
    ...(may('endpoints.update')
      ? [
          {
            id: 'do',
            header: 'Actions',
            right: true,
            cell: (one: Endpoint) => (
              <span className="flex justify-end">
                <IconButton icon={Pencil} label={`Change ${one.name}`} onClick={() => change(one)} />
                <IconButton icon={Trash2} label={`Delete ${one.name}`} onClick={() => remove(one)} />
              </span>
            ),
          },
        ]
      : []),
  ];
  const add = may('endpoints.create') && (
    <Button icon={Plus} onClick={() => change('new')}>
      Publish a name
    </Button>
  );
  return (
    <Panel flush title="Published names" actions={add}>
      <DataTable
        label="Published names"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <Empty title="No name is published yet.">
            On the command line:{' '}
            <Command text="gt endpoint create --name fast --raw-model '{connection: main, model: gpt-5-mini}'" />
          </Empty>
        }
      />
      {onMove !== undefined && <Pager page={data} after={query.after} before={query.before} onMove={onMove} />}
      {changed !== null && (
        <EndpointDialog
          {...(changed === 'new' ? {} : { of: changed })}
          {...(query.agent === undefined ? {} : { agent: query.agent })}
          onClose={() => change(null)}
        />
      )}
      {gone !== null && <Delete of={gone} onClose={() => remove(null)} />}
    </Panel>
  );
}

function Delete({ of: { id, name }, onClose }: { readonly of: Endpoint; readonly onClose: () => void }) {
  const remove = useChange('endpoints.delete', { done: `${name} is not published any more.` });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Delete the name ${name}?`}
      description="Calls that name it fail from now on. What is behind it stays."
      action="Delete"
      typed={name}
      busy={remove.isPending}
      onConfirm={() => remove.mutate({ id }, { onSuccess: onClose })}
    >
      <FormTrouble error={remove.error} />
    </Confirm>
  );
}
