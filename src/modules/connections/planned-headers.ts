import type { ConnectionHabits } from '../../contracts/connection-habits.js';
import type { ConnectionOptions } from '../../contracts/connections.js';
import { mostHeaders } from '../../contracts/static-headers.js';
import { factsOfWire, oauthPlace, tokenPlace } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';

/** What becomes of the headers of a connection when it changes. All names are in lower case. */
export interface HeaderPlan {
  /** All that it has then, sorted. */
  readonly names: readonly string[];
  readonly given: ReadonlyMap<string, string>;
  /** Those that keep the values that they have. */
  readonly kept: readonly string[];
}

/**
 * Plans the headers of a connection. What is given is set, null takes away, what is not named stays.
 * @param before the names that it has.
 * @param isMoved the provider has another origin: stored values are never sent to a host that they were not given for.
 * @throws AppError missing_required_parameter for stored values that would go elsewhere; invalid_value for too many.
 */
export function plannedHeaders(
  before: readonly string[],
  changes: Readonly<Record<string, string | null>> = {},
  isMoved = false,
): HeaderPlan {
  const changed = new Map(Object.entries(changes).map(([name, value]) => [name.toLowerCase(), value]));
  const given = new Map([...changed].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
  const kept = before.filter((name) => !changed.has(name));
  if (isMoved && kept.length > 0)
    throw new AppError('missing_required_parameter', {
      param: 'headers',
      message: `The stored headers belong to the old address. Give ${kept.join(', ')} for the new one in headers, or null to take one away.`,
    });
  const names = [...kept, ...given.keys()].sort();
  if (names.length > mostHeaders)
    throw new AppError('invalid_value', { param: 'headers', message: `A connection has at most ${mostHeaders} headers.` });
  return { names, given, kept };
}

/** What decides which headers a connection sets by itself. */
interface HeaderSetter {
  readonly wire: string;
  readonly authMode: string;
  readonly options: Pick<ConnectionOptions, 'header' | 'prefix'>;
  readonly habits: Pick<ConnectionHabits, 'claim_headers'>;
  readonly headers: Pick<HeaderPlan, 'names'>;
}

/** Refuses headers that the connection sets by itself: its token's, its wire's and its habits'. @throws AppError invalid_value. */
export function refuseOwnHeaders({ wire, authMode, options, habits, headers }: HeaderSetter): void {
  const place = authMode === 'oauth' ? oauthPlace(options) : tokenPlace(wire, options);
  const { header, headers: wireHeaders } = factsOfWire(wire);
  const own = [place.header, header, ...Object.keys(wireHeaders), ...habits.claim_headers.map((claim) => claim.header)];
  const taken = headers.names.find((name) => own.some((one) => one.toLowerCase() === name));
  if (taken === undefined) return;
  throw new AppError('invalid_value', {
    param: 'headers',
    message: `The header ${taken} is set by the connection itself: for its token, its wire or its habits.`,
  });
}
