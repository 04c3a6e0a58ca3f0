import type { CallLimit, LimitKind } from './call-limit.js';
import type { LimitState } from './lease.js';

/**
 * OpenAI's headers that tell how much of the limits a minute is left, names and values in turn: of several limits of a kind, the
 * one of which least is left. Times are written as OpenAI does: `20ms`, `1.5s`, `6m0s`.
 */
export function rateHeaders(states: readonly LimitState<CallLimit>[]): string[] {
  return [...ofKind('requests', states), ...ofKind('tokens', states)];
}

function ofKind(kind: LimitKind, states: readonly LimitState<CallLimit>[]): string[] {
  let tightest: LimitState<CallLimit> | undefined;
  for (const state of states)
    if (state.limit.kind === kind && (tightest === undefined || state.left < tightest.left)) tightest = state;
  if (tightest === undefined) return [];
  return [
    `x-ratelimit-limit-${kind}`,
    String(tightest.limit.most),
    `x-ratelimit-remaining-${kind}`,
    String(tightest.left),
    `x-ratelimit-reset-${kind}`,
    duration(tightest.fullInMs),
  ];
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.ceil(ms))}ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(3))}s`;
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
