import { Link } from '@tanstack/react-router';
import type { Item } from '../../api/call.js';
import { number } from '../../format/numbers.js';
import { Badge, State } from '../../ui/badge.js';
import { Hint } from '../../ui/button.js';
import { Sparkline } from '../../ui/sparkline.js';
import { Skeleton } from '../../ui/loading.js';
import type { Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';

export type ListedKey = Item<'keys.list'>;

const soon = 14 * 86_400;

/** @param hours the calls of each key in the last hours, by its id. */
export function keyColumns(hours: ReadonlyMap<string, readonly number[]>): readonly Column<ListedKey>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      className: 'max-w-64',
      cell: ({ id, name, last_four }) => (
        <div className="min-w-0">
          <Link to={`/keys/${id}`} className="block truncate font-medium hover:underline">
            {name}
          </Link>
          <span className="font-mono text-xs whitespace-nowrap text-muted">gtak_…{last_four}</span>
        </div>
      ),
    },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    { id: 'preset', header: 'Preset', wide: true, cell: ({ preset, purpose }) => <Preset preset={preset} purpose={purpose} /> },
    { id: 'scopes', header: 'Scopes', wide: true, cell: ({ effective_scopes }) => <Scopes scopes={effective_scopes} /> },
    {
      id: 'activity',
      header: 'Last 24 hours',
      wide: true,
      cell: ({ id }) => <Activity hours={hours.get(id)} />,
    },
    { id: 'used', header: 'Last use', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
    { id: 'expires', header: 'Expires', wide: true, cell: ({ expires_at }) => <Expiry at={expires_at} /> },
    { id: 'created', header: 'Created', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
  ];
}

export const Preset = ({ preset, purpose }: Pick<ListedKey, 'preset' | 'purpose'>) => (
  <span className="whitespace-nowrap">{preset ?? <span className="text-muted">{purpose}, no preset</span>}</span>
);

/** How many scopes there are; all of them when it is pointed at. */
export const Scopes = ({ scopes }: { readonly scopes: readonly string[] }) => (
  <Hint text={scopes.length === 0 ? 'It may do nothing.' : scopes.join(', ')}>
    <button type="button" className="rounded" aria-label={`${scopes.length} scopes: ${scopes.join(', ')}`}>
      <Badge>{scopes.length}</Badge>
    </button>
  </Hint>
);

function Activity({ hours }: { readonly hours: readonly number[] | undefined }) {
  if (hours === undefined) return <Skeleton className="h-5 w-24" />;
  const sum = hours.reduce((all, one) => all + one, 0);
  return (
    <span className="flex items-center gap-2">
      <Sparkline values={hours} label={`${number(sum)} calls in the last 24 hours, hour by hour`} />
      <span className="text-xs text-muted tabular-nums">{number(sum)}</span>
    </span>
  );
}

/** When a key ends; within two weeks it stands out. */
export function Expiry({ at }: { readonly at: number | null }) {
  const away = at === null ? Infinity : at - Date.now() / 1000;
  return away > soon || away < 0 ? (
    <Time at={at} />
  ) : (
    <Badge tone="warn">
      <Time at={at} />
    </Badge>
  );
}
