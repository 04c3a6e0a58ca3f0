import { useMemo } from 'react';
import type { Item } from '../../api/call.js';
import type { useCall } from '../../api/queries.js';
import { compact, money, number } from '../../format/numbers.js';
import { Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';

type Group = Item<'usage.groups'>;

/** What the calls are charged, by currency. */
export const chargesOf = ({ amounts }: Pick<Group, 'amounts'>): string =>
  amounts.length === 0 ? '–' : amounts.map(({ charge, currency }) => money(charge, currency)).join(', ');

/** What calls add up to by what they have in common, the most calls first. */
export function UsageGroups({
  title,
  named,
  reply,
}: {
  readonly title: string;
  readonly named: string;
  readonly reply: ReturnType<typeof useCall<'usage.groups'>>;
}) {
  const columns = useMemo<readonly Column<Group>[]>(
    () => [
      { id: 'id', header: named, cell: ({ id }) => <code className="text-xs break-all">{id}</code> },
      { id: 'calls', header: 'Calls', right: true, cell: ({ calls }) => number(calls) },
      { id: 'tokens', header: 'Tokens', right: true, cell: ({ total_tokens }) => compact(total_tokens) },
      { id: 'charge', header: 'Charged', right: true, cell: chargesOf },
    ],
    [named],
  );
  const rows = useMemo(() => reply.data && [...reply.data.data].sort((one, other) => other.calls - one.calls), [reply.data]);
  return (
    <Panel title={title} flush>
      <DataTable
        label={title}
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        error={reply.error}
        onRetry={() => void reply.refetch()}
        empty={<p className="px-4 py-8 text-center text-sm text-muted">No call reached a provider in this time.</p>}
      />
    </Panel>
  );
}
