import type { Item } from '../../api/call.js';
import { number } from '../../format/numbers.js';
import { Panel } from '../../ui/panel.js';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Calls and tokens of each hour of the last day. */
export function Hours({ since, groups }: { readonly since: number; readonly groups: readonly Item<'usage.groups'>[] }) {
  const of = new Map(groups.map((group) => [Date.parse(group.id) / 1000, group]));
  const hours = Array.from({ length: 24 }, (_, at) => since + at * 3_600).map((at) => ({ at, group: of.get(at) }));
  const most = Math.max(1, ...hours.map(({ group }) => group?.calls ?? 0));
  return (
    <Panel title="Calls by hour">
      <ol className="flex h-36 items-end gap-0.5 sm:gap-1" aria-label="Calls by hour">
        {hours.map(({ at, group }) => {
          const calls = group?.calls ?? 0;
          const text = `${clock.format(at * 1000)}: ${number(calls)} calls, ${number(group?.total_tokens ?? 0)} tokens`;
          return (
            <li key={at} title={text} className="flex h-full flex-1 flex-col justify-end gap-1">
              <span className="sr-only">{text}</span>
              <span
                aria-hidden
                className={calls === 0 ? 'rounded-t bg-line' : 'rounded-t bg-accent'}
                style={{ height: calls === 0 ? '2px' : `max(4px, ${(calls / most) * 100}%)` }}
              />
            </li>
          );
        })}
      </ol>
      <p className="mt-2 flex justify-between text-xs text-muted" aria-hidden>
        <span>{clock.format(since * 1000)}</span>
        <span>{clock.format((since + 12 * 3_600) * 1000)}</span>
        <span>now</span>
      </p>
    </Panel>
  );
}
