import type { Reply } from '../../api/call.js';
import { duration } from '../../format/numbers.js';

const words: Readonly<Record<string, string>> = {
  let_in: 'key, body and limits',
  sent: 'until the provider was asked',
  first_token: 'until the first token',
  ended: 'until the end',
};

/** The steps of a call to scale: each bar begins where the one before has ended. */
export function Timeline({ call: { timeline, latency_ms } }: { readonly call: Reply<'requests.get'> }) {
  const whole = Math.max(1, latency_ms, ...timeline.map(({ at_ms }) => at_ms));
  const parts = timeline.slice(1).map((step, at) => ({ ...step, from: timeline[at]?.at_ms ?? 0 }));
  if (parts.length === 0) return <p className="text-sm text-muted">It came to no step behind its arrival.</p>;
  return (
    <ol className="flex flex-col gap-2 text-sm">
      {parts.map(({ step, at_ms, from }) => (
        <li key={step} className="grid grid-cols-[1fr_auto] items-center gap-x-3 sm:grid-cols-[14rem_1fr_6rem]">
          <span>{words[step] ?? step}</span>
          <span className="order-last col-span-2 block h-3 rounded bg-sunken sm:order-none sm:col-span-1" aria-hidden>
            <span
              className="block h-3 min-w-0.5 rounded bg-accent"
              style={{ marginLeft: `${(from / whole) * 100}%`, width: `${((at_ms - from) / whole) * 100}%` }}
            />
          </span>
          <span className="text-right text-muted tabular-nums">{duration(at_ms - from)}</span>
        </li>
      ))}
    </ol>
  );
}
