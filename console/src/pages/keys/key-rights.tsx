import { useMemo, useState } from 'react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { number } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Select } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import type { KeyObject } from './key-draft.js';
import { NarrowKey } from './narrow-key.js';

type Used = Item<'keys.exercise'>;

const spans = { all: null, '90': 90, '30': 30, '7': 7 } as const;
const today = 86_400;

const columns: readonly Column<Used>[] = [
  { id: 'kind', header: 'What', cell: ({ kind }) => <Badge>{kind}</Badge> },
  { id: 'value', header: 'Name', cell: ({ value }) => <code className="text-xs break-all">{value}</code> },
  { id: 'calls', header: 'Calls', right: true, cell: ({ calls }) => number(calls) },
  { id: 'first', header: 'First', wide: true, cell: ({ first_at }) => <Time at={first_at} /> },
  { id: 'last', header: 'Last', cell: ({ last_at }) => <Time at={last_at} /> },
];

/** What a key may do beside what its calls needed, and taking the rest away. */
export function KeyRights({ of: key }: { readonly of: KeyObject }) {
  const may = useMay();
  const [span, setSpan] = useState<keyof typeof spans>('all');
  const days = spans[span];
  const period = days === null ? {} : { since: (Math.floor(Date.now() / 1000 / today) - days) * today };
  const { data, error, refetch } = useCall('keys.exercise', { id: key.id, query: period }, { keep: true });
  const rows = useMemo(() => data?.data, [data]);
  if (data === undefined)
    return error === null ? (
      <Panel>
        <Loading />
      </Panel>
    ) : (
      <Trouble error={error} onRetry={() => void refetch()} />
    );
  const { granted, unused } = data.scopes;
  return (
    <div className="flex flex-col gap-5">
      <Panel
        title="Scopes"
        actions={
          <>
            <Select
              aria-label="Calls that count"
              className="h-8 w-auto"
              value={span}
              onChange={(event) => setSpan(event.target.value as keyof typeof spans)}
            >
              <option value="all">All calls since it was made</option>
              <option value="90">Calls of 90 days</option>
              <option value="30">Calls of 30 days</option>
              <option value="7">Calls of 7 days</option>
            </Select>
            {may('keys.narrow') && key.state !== 'revoked' && <NarrowKey of={key} period={period} />}
          </>
        }
      >
        <ul className="flex flex-wrap gap-2">
          {granted.map((scope) => (
            <li key={scope}>
              <Badge tone={unused.includes(scope) ? 'warn' : 'good'}>
                {scope}
                <span className="ml-1.5 font-normal">{unused.includes(scope) ? 'not used' : 'used'}</span>
              </Badge>
            </li>
          ))}
        </ul>
        <p className="mt-3 text-sm text-muted">
          {unused.length === 0
            ? 'Its calls needed everything that it may do.'
            : `Its calls needed ${granted.length - unused.length} of ${granted.length} scopes.`}
          {data.narrowest?.preset != null &&
            data.narrowest.preset !== key.preset &&
            ` A new key for the same calls could have the preset ${data.narrowest.preset}.`}
        </p>
        {data.links.map(({ key: id, name, as, unused: rest }) => (
          <p key={id} className="mt-1 text-sm text-muted">
            As {as} it uses {name}
            {rest.length === 0 ? ', all of it.' : `, whose ${rest.join(', ')} it does not need.`}
          </p>
        ))}
        {data.linked_by.length > 0 && (
          <p className="mt-1 text-sm text-muted">It is used by {data.linked_by.map(({ name }) => name).join(', ')}.</p>
        )}
      </Panel>
      <Panel title="What it really used" flush>
        <DataTable
          label="What the key used"
          columns={columns}
          rows={rows}
          rowId={({ kind, value }) => `${kind} ${value}`}
          empty={<p className="px-4 py-8 text-center text-sm text-muted">It made no call in this time.</p>}
        />
      </Panel>
    </div>
  );
}
