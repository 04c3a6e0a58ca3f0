import { Building2, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Item, Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { actIn } from '../../api/tenant.js';
import { useFilters } from '../../app/filters.js';
import { State } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Select } from '../../ui/field.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Erasures } from './erasures.js';
import { NewTenant } from './new-tenant.js';
import { TenantActions } from './tenant-actions.js';

type Tenant = Item<'tenants.list'>;

/** All tenants of the platform. For operators. */
export function TenantsPage() {
  const { search, change, move } = useFilters<Pick<Query<'tenants.list'>, 'state' | 'after' | 'before'>>('/operator/tenants');
  const [isNew, begin] = useState(false);
  const { data, error, refetch } = useCall('tenants.list', { query: { ...search, limit: 25 } }, { keep: true });
  // Loads the console anew, so that nothing of where the operator was before is left in its memory.
  const enter = (slug: string) => {
    actIn(slug);
    location.assign('/console/keys');
  };
  const columns: readonly Column<Tenant>[] = [
    {
      id: 'name',
      header: 'Tenant',
      className: 'max-w-64',
      cell: ({ name, slug }) => (
        <div className="min-w-0">
          <span className="block truncate font-medium">{name}</span>
          <span className="font-mono text-xs text-muted">{slug}</span>
        </div>
      ),
    },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    {
      id: 'hosts',
      header: 'Hosts',
      wide: true,
      className: 'max-w-56',
      cell: ({ hosts }) => <span className="block truncate text-muted">{hosts.join(', ') || '–'}</span>,
    },
    { id: 'markup', header: 'Markup', right: true, wide: true, cell: (row) => `${row.markup_per_mille / 10} %` },
    { id: 'created', header: 'Created', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
    {
      id: 'do',
      header: '',
      right: true,
      cell: (row) => (
        <span className="inline-flex items-center gap-1">
          <Button className="h-8" aria-label={`Enter ${row.slug}`} onClick={() => enter(row.slug)}>
            Enter
          </Button>
          <TenantActions of={row} />
        </span>
      ),
    },
  ];
  return (
    <Page
      title="Tenants"
      description="Everybody who uses this platform, each apart from the others."
      actions={
        <Button look="primary" icon={Plus} onClick={() => begin(true)}>
          Create a tenant
        </Button>
      }
    >
      <Panel flush>
        <div className="border-b border-line p-3">
          <Select
            aria-label="State"
            className="w-auto"
            value={search.state ?? ''}
            onChange={({ target }) => change({ state: target.value })}
          >
            <option value="">State: all</option>
            <option>active</option>
            <option>suspended</option>
            <option>disabled</option>
          </Select>
        </div>
        <DataTable
          label="Tenants"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <Empty icon={Building2} title="No tenant is here.">
              On the command line: <Command text="gt tenant create --slug acme --name Acme" />
            </Empty>
          }
        />
        <Pager page={data} after={search.after} before={search.before} onMove={move} />
      </Panel>
      <Erasures />
      {isNew && <NewTenant onClose={() => begin(false)} />}
    </Page>
  );
}
