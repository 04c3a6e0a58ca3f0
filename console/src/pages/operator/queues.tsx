import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { duration, number } from '../../format/numbers.js';
import { State } from '../../ui/badge.js';
import { Fact, Facts, Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';

const columns: readonly Column<Item<'jobs.list'>>[] = [
  { id: 'id', header: 'Queue', cell: ({ id }) => <span className="font-medium">{id}</span> },
  { id: 'waiting', header: 'Waiting', right: true, cell: ({ waiting }) => number(waiting) },
  { id: 'running', header: 'Running', right: true, cell: ({ running }) => number(running) },
  {
    id: 'oldest',
    header: 'Oldest has waited',
    right: true,
    cell: ({ oldest_waiting_ms }) => (oldest_waiting_ms === null ? '–' : duration(oldest_waiting_ms)),
  },
];

/** Work that waits for the workers, over all tenants. */
export function Queues() {
  const { data, error, refetch } = useCall('jobs.list', {}, { every: 3_000 });
  const reader = data?.document_reader ?? null;
  return (
    <div className="flex flex-col gap-5">
      <Panel title="Queues" flush>
        <DataTable
          label="Queues"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
        />
      </Panel>
      {data !== undefined && (
        <Panel title="Document reader">
          <Facts>
            <Fact label="Kind">{reader === null ? 'there is none' : reader.kind}</Fact>
            {reader !== null && (
              <Fact label="State">
                <State state={reader.answers ? 'ok' : 'down'} />
              </Fact>
            )}
          </Facts>
        </Panel>
      )}
    </div>
  );
}
