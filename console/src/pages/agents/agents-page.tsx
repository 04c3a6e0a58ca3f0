import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Bot, Plus } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Badge } from '../../ui/badge.js';
import { buttonClasses } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Tabs } from '../../ui/tabs.js';
import { Time } from '../../ui/time.js';
import type { Agent } from './agent-draft.js';
import { EndpointList } from './endpoint-list.js';

interface Search {
  readonly tab?: string;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** The agents of the tenant, and the names under which clients reach them and raw models. */
export function AgentsPage() {
  const { tab = 'agents', after, before } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const may = useMay();
  const move = (search: Search) => void navigate({ to: '/agents', search: { ...search } });
  const cursor = { after, before };
  const make = may('agents.create') && (
    <Link to="/agents/new" className={buttonClasses('primary')}>
      <Plus className="size-4" aria-hidden /> Create an agent
    </Link>
  );
  return (
    <Page
      title="Agents and endpoints"
      description="An agent is a model with instructions and limits. Clients call it by a published name."
      actions={make}
    >
      <div>
        <Tabs
          label="Agents and endpoints"
          value={tab === 'names' ? 'names' : 'agents'}
          onChange={(to) => move(to === 'agents' ? {} : { tab: to })}
          tabs={[
            { value: 'agents', label: 'Agents', content: <Agents {...cursor} make={make} onMove={move} /> },
            {
              value: 'names',
              label: 'Published names',
              content: <EndpointList query={cursor} onMove={(to) => move({ tab: 'names', ...to })} />,
            },
          ]}
        />
      </div>
    </Page>
  );
}

interface AgentsProps extends Search {
  readonly make: ReactNode;
  readonly onMove: (to: Search) => void;
}

function Agents({ after, before, make, onMove }: AgentsProps) {
  const navigate = useNavigate();
  const { data, error, refetch } = useCall('agents.list', { query: { after, before, limit: 25 } }, { keep: true });
  const endpoints = useCall('endpoints.list', { query: { kind: 'agent_alias', limit: 100 } });
  const columns = useMemo(() => {
    const aliases = endpoints.data?.data ?? [];
    return columnsWith((name) => aliases.filter(({ agent }) => agent === name).map((one) => one.name));
  }, [endpoints.data]);
  return (
    <Panel flush>
      <DataTable
        label="Agents"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ id }) => void navigate({ to: `/agents/${id}` })}
        empty={
          <Empty icon={Bot} title="There are no agents yet." action={make}>
            On the command line:{' '}
            <Command text="gt agent create --name support --models '{chat: {connection: main, model: gpt-5}}'" />
          </Empty>
        }
      />
      <Pager page={data} after={after} before={before} onMove={onMove} />
    </Panel>
  );
}

const columnsWith = (aliasesOf: (agent: string) => string[]): readonly Column<Agent>[] => [
  {
    id: 'name',
    header: 'Name',
    cell: ({ id, name, description }) => (
      <>
        <Link to={`/agents/${id}`} className="font-medium hover:underline">
          {name}
        </Link>
        {description !== '' && <span className="block max-w-md truncate text-xs text-muted">{description}</span>}
      </>
    ),
  },
  {
    id: 'aliases',
    header: 'Published as',
    cell: ({ name }) => {
      const names = aliasesOf(name);
      return names.length === 0 ? <span className="text-muted">–</span> : <span className="break-all">{names.join(', ')}</span>;
    },
  },
  {
    id: 'models',
    header: 'Serves',
    wide: true,
    cell: ({ models }) => (
      <span className="flex flex-wrap gap-1">
        {Object.keys(models).map((modality) => (
          <Badge key={modality}>{modality}</Badge>
        ))}
      </span>
    ),
  },
  { id: 'revision', header: 'Revision', right: true, cell: ({ published_revision }) => published_revision ?? '–' },
  { id: 'changed', header: 'Changed', wide: true, cell: ({ updated_at }) => <Time at={updated_at} /> },
];
