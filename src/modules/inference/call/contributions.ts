/** What one message or item of a request contributes to its conversation. */
export interface Contribution {
  /** Who says it; messages of system and developer are instructions. */
  readonly by: 'instructions' | 'caller' | 'model';
  /** The id that it has been given back with, or of the item that it only refers to. */
  readonly id?: string | undefined;
  /** Ids of the calls of tools that it makes. */
  readonly calls?: readonly string[] | undefined;
  /** The id of the call whose result it is. */
  readonly resultOf?: string | undefined;
}

/** What a conversation holds already of what a request says. */
export interface HeldContributions {
  /** Ids of its items. */
  readonly ids: ReadonlySet<string>;
  /** Ids of its newest calls. */
  readonly calls: ReadonlySet<string>;
  /** Those of them that have no result yet. */
  readonly openCalls: ReadonlySet<string>;
}

/** A conversation that holds none of it. */
export const holdsNothing: HeldContributions = { ids: new Set(), calls: new Set(), openCalls: new Set() };

/** True for a request that holds something of the model: its client keeps the history, and none is put before it. */
export function bringsHistory(contributions: readonly Contribution[]): boolean {
  return contributions.some(({ by }) => by === 'model');
}

/** How many at the beginning are the request's instructions: they come again with the next one and are never kept. */
export function countInstructions(contributions: readonly Contribution[]): number {
  const first = contributions.findIndex(({ by }) => by !== 'instructions');
  return first === -1 ? contributions.length : first;
}

/** Calls that something else must have made: the request brings their results and not them. */
export function awaitedCalls(contributions: readonly Contribution[]): ReadonlySet<string> {
  const own = new Set(contributions.flatMap(({ calls = [] }) => calls));
  return new Set(contributions.flatMap(({ resultOf }) => (resultOf === undefined || own.has(resultOf) ? [] : [resultOf])));
}

/**
 * Places of what a request adds to its conversation. Of one that brings a history that is what follows the last answer;
 * what the model says at the very end is what its answer goes on from, and belongs to the turn with what was asked before
 * it. Of any other it is all but the instructions at the beginning. What the conversation holds already is never added, nor
 * is a second result of a call. A client may put each of several results behind its call: those of calls that wait for
 * one are added wherever they stand. A result comes with its call where the conversation does not have that.
 */
export function newContributions(contributions: readonly Contribution[], held: HeldContributions): ReadonlySet<number> {
  const isHeld = ({ id }: Contribution): boolean => id !== undefined && held.ids.has(id);
  const from = bringsHistory(contributions) ? behindHistory(contributions, isHeld) : countInstructions(contributions);
  const results = new Map<string, number>();
  const calls = new Map<string, number>();
  const places = new Set<number>();
  contributions.forEach((one, at) => {
    const { resultOf } = one;
    const isAgain = resultOf !== undefined && held.calls.has(resultOf) && !held.openCalls.has(resultOf);
    if (at >= from && !isHeld(one) && !isAgain) places.add(at);
    if (resultOf !== undefined) results.set(resultOf, at);
  });
  for (const call of held.openCalls) {
    const at = results.get(call);
    const result = at === undefined ? undefined : contributions[at];
    if (at !== undefined && result !== undefined && !isHeld(result)) places.add(at);
  }
  contributions.forEach((one, at) => {
    for (const call of one.calls ?? []) calls.set(call, at);
    const called = one.resultOf === undefined || held.calls.has(one.resultOf) ? undefined : calls.get(one.resultOf);
    const call = called === undefined ? undefined : contributions[called];
    if (places.has(at) && called !== undefined && call !== undefined && !isHeld(call)) places.add(called);
  });
  return places;
}

/** Places of what the conversation does not hold yet: all of it is added where the request itself names the conversation. */
export function unheldContributions(contributions: readonly Contribution[], held: HeldContributions): ReadonlySet<number> {
  return new Set(contributions.flatMap(({ id }, at) => (id !== undefined && held.ids.has(id) ? [] : [at])));
}

/** Where what is new begins in a request that brings a history. */
function behindHistory(contributions: readonly Contribution[], isHeld: (one: Contribution) => boolean): number {
  const lastAsked = contributions.findLastIndex(({ by }) => by !== 'model');
  const lastAnswer = contributions.slice(0, lastAsked + 1).findLastIndex(({ by }) => by === 'model');
  const lastHeld = contributions.findLastIndex((one) => one.by === 'model' && isHeld(one));
  const last = Math.max(lastAnswer, lastHeld);
  return last === -1 ? countInstructions(contributions) : last + 1;
}
