import { number } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Fact, Facts } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import type { Connection } from './words.js';

/** How a provider fares, in a word. */
export function Health({ of: { state, calls, failures } }: { readonly of: Connection['health'] }) {
  if (state === 'open') return <Badge tone="bad">Not asked</Badge>;
  if (state === 'half_open') return <Badge tone="warn">Trying again</Badge>;
  if (calls === 0) return <Badge>No calls</Badge>;
  return failures === 0 ? <Badge tone="good">Works</Badge> : <Badge tone="warn">Some calls fail</Badge>;
}

const sentences = {
  closed: 'All calls go to the provider.',
  half_open: 'The provider failed before. A few calls try whether it works again.',
  open: 'The provider failed too often in a row. It is not asked until the next try.',
} as const;

/** The same with its numbers, and since when. */
export function HealthFacts({ of: health }: { readonly of: Connection['health'] }) {
  const { state, retry_at, calls, failures, last_failure } = health;
  return (
    <div className="flex flex-col gap-4">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <Health of={health} /> {sentences[state]}
      </p>
      <Facts>
        <Fact label="Calls in five minutes">{number(calls)}</Fact>
        <Fact label="Failed at the provider">{number(failures)}</Fact>
        <Fact label="Last failure">
          {last_failure === null ? (
            'None'
          ) : (
            <>
              <span className="font-mono text-xs">{last_failure.code}</span>, <Time at={last_failure.at} />
            </>
          )}
        </Fact>
        {retry_at !== null && (
          <Fact label="Next try">
            <Time at={retry_at} />
          </Fact>
        )}
      </Facts>
    </div>
  );
}
