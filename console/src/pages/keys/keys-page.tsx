import { Link, Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { KeyRound, Plus } from 'lucide-react';
import { useMemo } from 'react';
import type { Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { buttonClasses } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager } from '../../ui/table.js';
import { keyColumns, type ListedKey } from './key-columns.js';
import { KeyFilters, filterNames, type KeySearch } from './key-filters.js';

/** All keys of the tenant, with how busy each is. What is filtered by stands in the address. */
export function KeysPage() {
  const search = useSearch({ strict: false }) as KeySearch & { readonly create?: boolean };
  const navigate = useNavigate();
  const may = useMay();
  const { create, ...filter } = search;
  const query: Query<'keys.list'> = { ...filter, limit: 25 };
  const { data, error, refetch } = useCall('keys.list', { query }, { keep: true, every: 30_000 });
  const activity = useCall('key-activity.list', { query }, { keep: true, every: 30_000 });
  const columns = useMemo(() => keyColumns(new Map(activity.data?.data.map((one) => [one.id, one.hours]))), [activity.data]);
  if (create === true && may('keys.create')) return <Navigate to="/keys/new" replace />;
  const move = (to: Pick<KeySearch, 'after' | 'before'>) => {
    const { after: _, before: __, ...rest } = filter;
    void navigate({ to: '/keys', search: { ...rest, ...to } });
  };
  const isFiltered = filterNames.some((name) => filter[name] !== undefined);
  const newKey = may('keys.create') && (
    <Link to="/keys/new" className={buttonClasses('primary')}>
      <Plus className="size-4" aria-hidden /> Create a key
    </Link>
  );
  return (
    <Page
      title="Keys"
      description="What clients use the API with. Each key holds only the rights that it needs."
      actions={newKey}
    >
      <Panel flush>
        <KeyFilters search={filter} />
        <DataTable<ListedKey>
          label="Keys"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          onOpen={({ id }) => void navigate({ to: `/keys/${id}` })}
          empty={
            isFiltered ? (
              <Empty icon={KeyRound} title="No key is like this.">
                Take a filter away, or look for another part of the name.
              </Empty>
            ) : (
              <Empty icon={KeyRound} title="There are no keys yet." action={newKey}>
                On the command line: <Command text="gt key create --name app --preset openai-chat-client --agents assistant" />
              </Empty>
            )
          }
        />
        <Pager page={data} after={filter.after} before={filter.before} onMove={move} />
      </Panel>
    </Page>
  );
}
