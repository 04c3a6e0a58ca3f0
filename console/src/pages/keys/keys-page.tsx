import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { State } from '../../ui/badge.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

type Key = Item<'keys.list'>;

const columns: readonly Column<Key>[] = [
  { id: 'name', header: 'Name', cell: ({ id, name }) => <Link to={`/keys/${id}`}>{name}</Link> },
  { id: 'secret', header: 'Secret', cell: ({ last_four }) => <code>gtak_…{last_four}</code> },
  { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
  { id: 'used', header: 'Last use', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
];

export function KeysPage() {
  const { data, error, refetch } = useCall('keys.list', { query: { limit: 50 } });
  return (
    <Page title="Keys" description="What clients use the API with.">
      <Panel flush>
        <DataTable
          label="Keys"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <Empty icon={KeyRound} title="There are no keys yet.">
              On the command line: <Command text="gt key create --name app --preset openai-chat-client --agents assistant" />
            </Empty>
          }
        />
      </Panel>
    </Page>
  );
}
