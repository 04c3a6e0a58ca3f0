import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { number } from '../../format/numbers.js';
import { State } from '../../ui/badge.js';
import { Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

const columns: readonly Column<Item<'erasures.list'>>[] = [
  { id: 'tenant', header: 'Tenant', cell: ({ slug, tenant }) => slug ?? <span className="font-mono text-xs">{tenant}</span> },
  { id: 'state', header: 'State', cell: ({ state }) => <State state={state === 'done' ? 'completed' : state} /> },
  {
    id: 'proof',
    header: 'Left after the last search',
    cell: ({ proof, failure }) =>
      failure !== null ? (
        <span className="text-bad">{failure}</span>
      ) : proof === null ? (
        <span className="text-muted">not searched yet</span>
      ) : (
        `${number(proof.rows)} rows in ${number(proof.tables)} tables, ${number(proof.objects)} objects, ${number(proof.jobs)} jobs`
      ),
  },
  { id: 'tries', header: 'Attempts', right: true, wide: true, cell: ({ attempts }) => attempts },
  { id: 'begun', header: 'Begun', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
  { id: 'end', header: 'Finished', wide: true, cell: ({ finished_at }) => <Time at={finished_at} none="not yet" /> },
];

/** Erasures of tenants and how far they are. Nothing where there was none. */
export function Erasures() {
  const { data } = useCall('erasures.list', { query: { limit: 10 } }, { every: 5_000 });
  return data === undefined || data.data.length === 0 ? null : (
    <Panel title="Erasures" flush>
      <DataTable label="Erasures" columns={columns} rows={data.data} rowId={({ id }) => id} />
    </Panel>
  );
}
