import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Cable, Plus } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { buttonClasses } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Health } from './connection-health.js';
import { signInWords } from './words.js';

interface Search {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

const columns: readonly Column<Item<'connections.list'>>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ id, name }) => (
      <Link to={`/connections/${id}`} className="font-medium hover:underline">
        {name}
      </Link>
    ),
  },
  {
    id: 'address',
    header: 'Address',
    wide: true,
    cell: ({ base_url }) => <span className="font-mono text-xs break-all text-muted">{base_url}</span>,
  },
  { id: 'wire', header: 'Speaks', wide: true, cell: ({ wire }) => <span className="font-mono text-xs">{wire}</span> },
  { id: 'sign-in', header: 'Signs in', wide: true, cell: ({ auth }) => signInWords(auth) },
  { id: 'health', header: 'Health', cell: ({ health }) => <Health of={health} /> },
  { id: 'created', header: 'Made', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
];

/** The providers that the tenant is connected to, and how each fares. */
export function ConnectionsPage() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const may = useMay();
  const { data, error, refetch } = useCall(
    'connections.list',
    { query: { after: search.after, before: search.before, limit: 25 } },
    { keep: true, every: 15_000 },
  );
  const add = may('connections.create') && (
    <Link to="/connections/new" className={buttonClasses('primary')}>
      <Plus className="size-4" aria-hidden /> Add a connection
    </Link>
  );
  return (
    <Page title="Connections" description="The providers whose models answer your calls. Their secrets stay here." actions={add}>
      <Panel flush>
        <DataTable
          label="Connections"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          onOpen={({ id }) => void navigate({ to: `/connections/${id}` })}
          empty={
            <Empty icon={Cable} title="There are no connections yet." action={add}>
              On the command line: <Command text="gt connection create --provider openai --token-env OPENAI_API_KEY" />
            </Empty>
          }
        />
        <Pager
          page={data}
          after={search.after}
          before={search.before}
          onMove={(to) => void navigate({ to: '/connections', search: { ...to } })}
        />
      </Panel>
    </Page>
  );
}
