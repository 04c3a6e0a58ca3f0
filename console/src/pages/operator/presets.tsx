import { routes } from 'virtual:facts';
import { actingTenant } from '../../api/tenant.js';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { number } from '../../format/numbers.js';

const columns: readonly Column<Item<'presets.list'>>[] = [
  {
    id: 'name',
    header: 'Preset',
    cell: ({ name, slug }) => (
      <div>
        <span className="block font-medium">{name}</span>
        <span className="font-mono text-xs text-muted">{slug}</span>
      </div>
    ),
  },
  { id: 'purpose', header: 'Purpose', cell: ({ purpose }) => purpose },
  {
    id: 'scopes',
    header: 'Scopes',
    wide: true,
    cell: ({ scopes }) => <span className="text-xs text-muted">{scopes.join(', ')}</span>,
  },
];

/** The presets that come with the platform. They are read through a tenant, as its keys use them. */
export function Presets() {
  const tenant = actingTenant();
  const first = useCall('tenants.list', { query: { limit: 1 } }, { enabled: tenant === undefined });
  const slug = tenant ?? first.data?.data[0]?.slug;
  const { data, error, refetch } = useCall(
    'presets.list',
    { query: { limit: 100, built_in: 'true', ...(slug === undefined ? {} : { tenant: slug }) } },
    { enabled: slug !== undefined },
  );
  return (
    <Panel title={`Built-in presets, over ${number(routes.length)} routes`} flush>
      {first.data?.data.length === 0 ? (
        <Empty title="Create a tenant first. Presets are read through one." />
      ) : (
        <DataTable
          label="Built-in presets"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
    </Panel>
  );
}
