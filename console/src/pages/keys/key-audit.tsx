import { useNavigate, useSearch } from '@tanstack/react-router';
import { History } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { Badge } from '../../ui/badge.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import type { KeyObject } from './key-draft.js';

type Change = Item<'audit.list'>;

/** A value in short; of an object only what is set. */
function text(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(text).join(', ');
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const set = Object.entries(value).filter(([, one]) => one !== null);
  return set.length === 0 ? '–' : set.map(([name, one]) => `${name} ${text(one)}`).join(', ');
}

/** Of a creation, what was set at all. */
const fieldsOf = (changes: Change['changes'], before: Change['before']) =>
  Object.entries(changes).filter(([, value]) => before !== null || text(value) !== '–');

const columns: readonly Column<Change>[] = [
  { id: 'at', header: 'Time', cell: ({ created_at }) => <Time at={created_at} /> },
  { id: 'action', header: 'What', cell: ({ action }) => <Badge>{action.replaceAll('_', ' ')}</Badge> },
  {
    id: 'actor',
    header: 'Who',
    cell: ({ actor, actor_role, address }) => (
      <div className="max-w-64 min-w-32">
        <span className="block truncate" title={actor}>
          {actor.replace(/ \(\w+\)$/, '')}
        </span>
        <span className="text-xs text-muted">
          {actor_role}
          {address !== null && ` from ${address}`}
        </span>
      </div>
    ),
  },
  {
    id: 'changes',
    header: 'Changes',
    cell: ({ changes, before }) => (
      <ul className="flex min-w-64 flex-col gap-0.5 py-1 text-xs">
        {fieldsOf(changes, before).map(([field, value]) => (
          <li key={field} className="break-all">
            <span className="font-medium">{field}</span>{' '}
            {before !== null && (
              <>
                <del className="text-muted">{text(before[field])}</del> →{' '}
              </>
            )}
            <span className="font-mono">{text(value)}</span>
          </li>
        ))}
      </ul>
    ),
  },
];

/** Who changed the key, when and how. */
export function KeyAudit({ of: { id } }: { readonly of: KeyObject }) {
  const { after, before } = useSearch({ strict: false }) as { readonly after?: string; readonly before?: string };
  const navigate = useNavigate();
  const { data, error, refetch } = useCall(
    'audit.list',
    {
      query: { object_id: id, limit: 25, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) },
    },
    { keep: true },
  );
  return (
    <Panel title="Audit" flush>
      <DataTable
        label="Changes of the key"
        columns={columns}
        rows={data?.data}
        rowId={(change) => change.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<Empty icon={History} title="No change of the key is recorded." />}
      />
      <Pager
        page={data}
        after={after}
        before={before}
        onMove={(to) => void navigate({ to: `/keys/${id}`, search: { tab: 'audit', ...to } })}
      />
    </Panel>
  );
}
