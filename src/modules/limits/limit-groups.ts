import type { CallLimit } from './call-limit.js';
import type { Need } from './waiting-line.js';

/** The same limits by when they are asked for. */
export interface LimitGroups {
  /** One request, and a place among those that run. */
  readonly request: readonly Need<CallLimit>[];
  /** The place alone. */
  readonly place: readonly Need<CallLimit>[];
  readonly tokens: readonly CallLimit[];
}

const known = new WeakMap<readonly CallLimit[], LimitGroups>();

/** Sorted once for each list, which does not change. */
export function groupsOf(limits: readonly CallLimit[]): LimitGroups {
  let groups = known.get(limits);
  if (groups === undefined) {
    const needs = limits.filter(({ kind }) => kind !== 'tokens').map((limit): Need<CallLimit> => ({ limit, units: 1 }));
    groups = {
      request: needs,
      place: needs.filter(({ limit }) => limit.kind === 'parallel'),
      tokens: limits.filter(({ kind }) => kind === 'tokens'),
    };
    known.set(limits, groups);
  }
  return groups;
}
