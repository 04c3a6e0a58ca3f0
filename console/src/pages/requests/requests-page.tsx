import { useNavigate, useSearch } from '@tanstack/react-router';
import { Activity, Pause, Radio } from 'lucide-react';
import { useCall } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager } from '../../ui/table.js';
import { columnsWithKey } from './request-columns.js';
import { filterNames, RequestFilters, type RequestSearch } from './request-filters.js';
import { RequestTail } from './request-tail.js';

/** The request log of the tenant: pages of it by filters, or as it is written. */
export function RequestsPage() {
  const search = useSearch({ strict: false }) as RequestSearch;
  const { after, before, live = false } = search;
  const navigate = useNavigate();
  const show = (change: Partial<RequestSearch>) => void navigate({ to: '/requests', search: { ...search, ...change } });
  const filter = Object.fromEntries(
    filterNames.flatMap((name) => (search[name] === undefined ? [] : [[name, String(search[name])]])),
  );
  const isFirst = after === undefined && before === undefined;
  const { data, error, refetch } = useCall(
    'requests.list',
    { query: { limit: 50, ...filter, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) } },
    { keep: true, enabled: !live, ...(isFirst ? { every: 5_000 } : {}) },
  );
  return (
    <Page
      title="Requests"
      description="Every call of the tenant's keys, refusals included."
      actions={
        <Button
          icon={live ? Pause : Radio}
          aria-pressed={live}
          onClick={() => show({ live: live ? undefined : true, request: undefined, after: undefined, before: undefined })}
        >
          {live ? 'Stop the live tail' : 'Live tail'}
        </Button>
      }
    >
      <RequestFilters
        search={search}
        onChange={(change) =>
          show({ after: undefined, before: undefined, ...(change.request === undefined ? {} : { live: undefined }), ...change })
        }
      />
      <Panel flush>
        {live ? (
          <RequestTail key={JSON.stringify(filter)} filter={filter} />
        ) : (
          <>
            <DataTable
              label="Requests"
              columns={columnsWithKey}
              rows={data?.data}
              rowId={({ id }) => id}
              error={error}
              onRetry={() => void refetch()}
              onOpen={({ id }) => void navigate({ to: `/requests/${id}` })}
              empty={
                <Empty
                  icon={Activity}
                  title={Object.keys(filter).length === 0 ? 'No call was made yet.' : 'No call fits these filters.'}
                >
                  Calls stand here about half a second after they end. On the command line: <Command text="gt request list" />
                </Empty>
              }
            />
            <Pager
              page={data}
              after={after}
              before={before}
              onMove={(to) => show({ after: undefined, before: undefined, ...to })}
            />
          </>
        )}
      </Panel>
    </Page>
  );
}
