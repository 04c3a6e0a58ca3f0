import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Activity } from 'lucide-react';
import { useCall } from '../../api/queries.js';
import { Command } from '../../ui/copy.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager } from '../../ui/table.js';
import { requestColumns } from '../requests/request-columns.js';
import type { KeyObject } from './key-draft.js';

/** The calls of a key, refusals included, the newest first. */
export function KeyRequests({ of: { id } }: { readonly of: KeyObject }) {
  const { after, before } = useSearch({ strict: false }) as { readonly after?: string; readonly before?: string };
  const navigate = useNavigate();
  const isFirst = after === undefined && before === undefined;
  const { data, error, refetch } = useCall(
    'requests.list',
    { query: { key: id, limit: 25, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) } },
    { keep: true, ...(isFirst ? { every: 5_000 } : {}) },
  );
  return (
    <Panel
      title="Requests"
      flush
      actions={
        <Link to="/requests" search={{ key: id }} className="text-sm text-accent-text hover:underline">
          All filters
        </Link>
      }
    >
      <DataTable
        label="Requests of the key"
        columns={requestColumns}
        rows={data?.data}
        rowId={(call) => call.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(call) => void navigate({ to: `/requests/${call.id}` })}
        empty={
          <Empty icon={Activity} title="The key has made no call yet.">
            Calls appear here within seconds, refused ones too. On the command line:{' '}
            <Command text={`gt request list --key ${id}`} />
          </Empty>
        }
      />
      <Pager
        page={data}
        after={after}
        before={before}
        onMove={(to) => void navigate({ to: `/keys/${id}`, search: { tab: 'requests', ...to } })}
      />
    </Panel>
  );
}
