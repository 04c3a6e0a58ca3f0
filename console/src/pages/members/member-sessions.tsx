import { useCall } from '../../api/queries.js';
import { useFilters, type Cursor } from '../../app/filters.js';
import { Button } from '../../ui/button.js';
import { Panel } from '../../ui/panel.js';
import { Pager } from '../../ui/table.js';
import { SessionTable } from './session-table.js';

/** Who is signed in: everybody for owners, else oneself. */
export function MemberSessions() {
  const { search, change, move } = useFilters<Cursor & { readonly tab?: string; readonly member?: string }>('/members');
  const { tab: _, ...filter } = search;
  const { data, error, refetch } = useCall('sessions.list', { query: { ...filter, limit: 25 } }, { keep: true });
  return (
    <Panel
      flush
      title="Signed in now"
      actions={search.member !== undefined && <Button onClick={() => change({ member: undefined })}>Show all members</Button>}
    >
      <SessionTable rows={data?.data} error={error} onRetry={() => void refetch()} />
      <Pager page={data} after={search.after} before={search.before} onMove={move} />
    </Panel>
  );
}
