import { useNavigate, useSearch } from '@tanstack/react-router';
import { CircleCheckBig } from 'lucide-react';
import type { Item, Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { State } from '../../ui/badge.js';
import { Command } from '../../ui/copy.js';
import { Field, Select } from '../../ui/field.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { HeldCallDialog } from './held-call-dialog.js';

type Held = Item<'approvals.list'>;

interface Search {
  readonly status?: Query<'approvals.list'>['status'] | 'all';
  readonly after?: string;
  readonly before?: string;
  /** The call that is open. */
  readonly call?: string;
}

const statuses = ['pending', 'approved', 'completed', 'rejected', 'expired'] as const;

/** Calls that wait for a decision, as they come, and what became of those before. */
export function ApprovalsPage() {
  const search = useSearch({ strict: false }) as Search;
  const { status = 'pending', after, before, call } = search;
  const navigate = useNavigate();
  const show = (change: Partial<Search>) => void navigate({ to: '/approvals', search: { ...search, ...change } });
  const { data, error, refetch } = useCall(
    'approvals.list',
    { query: { limit: 25, ...(status === 'all' ? {} : { status }), ...(after ? { after } : {}), ...(before ? { before } : {}) } },
    { every: 3_000, keep: true },
  );
  const columns: readonly Column<Held>[] = [
    {
      id: 'call',
      header: 'Call',
      cell: ({ id, method, path }) => (
        <button type="button" className="rounded text-left font-mono text-xs hover:underline" onClick={() => show({ call: id })}>
          {method} {path}
        </button>
      ),
    },
    { id: 'model', header: 'Model', cell: ({ model }) => model ?? <span className="text-muted">none</span> },
    { id: 'status', header: 'Status', cell: (held) => <State state={held.status} /> },
    { id: 'asked', header: 'Asked', cell: ({ created_at }) => <Time at={created_at} /> },
    {
      id: 'ends',
      header: 'Decide until',
      wide: true,
      cell: ({ status: is, expires_at }) => (is === 'pending' ? <Time at={expires_at} /> : null),
    },
    { id: 'by', header: 'Decided by', wide: true, cell: ({ decided_by }) => decided_by ?? '' },
  ];
  return (
    <Page title="Approvals" description="Calls that are held until an owner or a manager has decided. Each runs once.">
      <Panel
        flush
        title={
          <Field label="Show" className="w-44 flex-row items-center gap-2">
            {(own) => (
              <Select
                {...own}
                value={status}
                onChange={({ target }) => show({ status: target.value as Search['status'], after: undefined, before: undefined })}
              >
                {statuses.map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
                <option value="all">all</option>
              </Select>
            )}
          </Field>
        }
      >
        <DataTable
          label="Held calls"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          onOpen={({ id }) => show({ call: id })}
          current={call}
          empty={
            <Empty
              icon={CircleCheckBig}
              title={status === 'pending' ? 'No call waits for a decision.' : 'There are no such calls.'}
            >
              Put routes of a key under approval and its calls wait here:{' '}
              <Command text="gt key update <key> --approval 'POST /chat/completions'" />
            </Empty>
          }
        />
        <Pager page={data} after={after} before={before} onMove={(to) => show({ after: undefined, before: undefined, ...to })} />
      </Panel>
      {call !== undefined && <HeldCallDialog id={call} onClose={() => show({ call: undefined })} />}
    </Page>
  );
}
