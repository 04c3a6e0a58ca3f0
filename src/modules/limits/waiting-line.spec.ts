import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerOf, limitOf } from '../../../test/support/leases.js';
import type { CallLimit } from './call-limit.js';
import type { LimitRefusal } from './lease.js';
import { RateLease } from './rate-lease.js';
import { refuse, refusedForGood, WaitingLine, type WaitingCall } from './waiting-line.js';

type Line = WaitingLine<CallLimit, RateLease>;
type Heard = LimitRefusal<CallLimit> | 'taken';

/** A lease of 100 a minute that holds so many units, and what the store said with them. */
function leaseOf(name: string, units: number, left = 0, waitMs = 0): RateLease {
  const lease = new RateLease(limitOf('requests', 100, { id: name }));
  const ask = lease.ask([], 0);
  lease.told(answerOf({ granted: units, left, waitMs }), ask, 0);
  return lease;
}

interface Watched extends WaitingCall<CallLimit, RateLease> {
  readonly heard: Heard[];
}

/** A call that needs so many units of each lease. */
function callOf(needs: readonly (readonly [RateLease, number])[], more: { sinceMs?: number; isAsked?: boolean } = {}): Watched {
  const heard: Heard[] = [];
  return {
    needs: needs.map(([{ limit }, units]) => ({ limit, units })),
    leases: needs.map(([lease]) => lease),
    sinceMs: 0,
    isAsked: true,
    ...more,
    taken: () => heard.push('taken'),
    refused: (refusal) => heard.push(refusal),
    heard,
  };
}

function serve(line: Line, nowMs = 0, mayWait = true, isClosed = false): number | undefined {
  const { over, againMs } = line.serve(nowMs, mayWait, isClosed);
  for (const tell of over) tell();
  return againMs;
}

describe('the line of waiting calls', () => {
  it('lets through who can go, in their order, and those that have time after all others', () => {
    const lease = leaseOf('a', 5, 0, 1_000);
    const line = new WaitingLine<CallLimit, RateLease>();
    const [later, first, second, third] = [2, 2, 1, 3].map((units) => callOf([[lease, units]]));
    if (!later || !first || !second || !third) throw new Error();
    line.joinLater(later);
    for (const call of [first, second, third]) line.join(call);
    expect([line.size, line.hasLater, line.isWanted(lease), line.laterLeases()]).toEqual([4, true, true, [lease]]);
    expect(line.next()).toEqual([first, second, third, later]);
    expect(serve(line)).toBe(100);
    expect([first.heard, second.heard, third.heard, later.heard]).toEqual([['taken'], ['taken'], [], ['taken']]);
    expect([line.size, line.hasLater, line.isWanted(lease), lease.has(1, 0)]).toEqual([1, false, true, false]);
  });

  it('takes of all limits of a call or of none', () => {
    const [enough, tooLittle] = [leaseOf('a', 5), leaseOf('b', 1, 0, 1_000)];
    const line = new WaitingLine<CallLimit, RateLease>();
    line.join(
      callOf([
        [enough, 2],
        [tooLittle, 2],
      ]),
    );
    serve(line);
    expect([line.size, enough.has(5, 0), tooLittle.has(1, 0)]).toEqual([1, true, true]);
  });

  it('knows of each lease as long as somebody waits for it who has no time', () => {
    const [one, other] = [leaseOf('a', 0, 0, 1_000), leaseOf('b', 0, 0, 1_000)];
    const line = new WaitingLine<CallLimit, RateLease>();
    expect(line.isWanted(one)).toBe(false);
    line.joinLater(callOf([[other, 1]]));
    line.join(callOf([[one, 1]]));
    line.join(callOf([[one, 2]]));
    expect([line.isWanted(one), line.isWanted(other)]).toEqual([true, false]);
    one.told(answerOf({ granted: 1, left: 0, waitMs: 1_000 }), one.ask([], 0), 0);
    serve(line);
    expect([line.size, line.isWanted(one)]).toEqual([2, true]);
    one.told(answerOf({ granted: 2, left: 0, waitMs: 1_000 }), one.ask([], 0), 0);
    serve(line);
    expect([line.size, line.isWanted(one)]).toEqual([1, false]);
  });

  it('refuses at once where one of the limits has too little for good, and tells of that one', () => {
    const [enough, none] = [leaseOf('a', 5), leaseOf('b', 0)];
    const line = new WaitingLine<CallLimit, RateLease>();
    const call = callOf([
      [enough, 1],
      [none, 3],
    ]);
    line.join(call);
    expect(serve(line)).toBeUndefined();
    expect(call.heard).toMatchObject([{ limit: none.limit, need: 3, left: 0, waitMs: 1_800 }]);
    expect([line.size, line.isWanted(none), line.isWanted(enough)]).toEqual([0, false, false]);
  });

  it('tells of the limit that had too little, though what had come for the others goes back before the call hears of it', () => {
    const [came, none] = [leaseOf('a', 0), leaseOf('b', 0)];
    came.told(answerOf({ granted: 2, fits: 1 }), came.ask([2], 0), 0);
    const line = new WaitingLine<CallLimit, RateLease>();
    const call = callOf([
      [came, 2],
      [none, 3],
    ]);
    line.join(call);
    const { over } = line.serve(0, true, false);
    came.settle();
    for (const tell of over) tell();
    expect([came.has(1, 0), call.heard]).toMatchObject([false, [{ limit: none.limit, need: 3 }]]);
  });

  it('refuses what one limit has too little of for good, though another may still get some', () => {
    const [over, hopeful] = [leaseOf('a', 0, 0, 10), leaseOf('b', 0, 0, 60)];
    const line = new WaitingLine<CallLimit, RateLease>();
    const call = callOf([
      [hopeful, 1],
      [over, 1],
    ]);
    line.join(call);
    expect([serve(line, 9), call.heard.length]).toEqual([51, 0]);
    expect([serve(line, 10), call.heard.length]).toEqual([undefined, 1]);
  });

  it('refuses where nothing will come from a store', () => {
    const lease = leaseOf('a', 0, 0, 1_000);
    const line = new WaitingLine<CallLimit, RateLease>();
    const call = callOf([[lease, 1]]);
    line.join(call);
    expect(serve(line, 0, false)).toBeUndefined();
    expect([call.heard.length, line.size]).toEqual([1, 0]);
  });

  it('lets a call wait a second and a half for other processes, and not longer', () => {
    const lease = leaseOf('a', 0, 0, 60_000);
    const line = new WaitingLine<CallLimit, RateLease>();
    const call = callOf([[lease, 1]], { sinceMs: 10 });
    line.join(call);
    expect([serve(line, 1_510), call.heard.length]).toEqual([100, 0]);
    expect([serve(line, 1_511), call.heard.length]).toEqual([undefined, 1]);
  });

  it('asks again when the first of those that stay can know more, within a tenth of a second', () => {
    const [soon, late] = [leaseOf('a', 0, 0, 30), leaseOf('b', 0, 0, 70)];
    const both = new WaitingLine<CallLimit, RateLease>();
    both.join(
      callOf([
        [soon, 1],
        [late, 1],
      ]),
    );
    expect(serve(both)).toBe(70);
    const apart = new WaitingLine<CallLimit, RateLease>();
    apart.join(callOf([[late, 1]]));
    apart.join(callOf([[soon, 1]]));
    expect(serve(apart)).toBe(30);
    expect(serve(apart, 30)).toBe(40);
    expect(apart.size).toBe(1);
  });

  it('asks at once for whom the store was not asked yet', () => {
    const lease = leaseOf('a', 0);
    const line = new WaitingLine<CallLimit, RateLease>();
    line.join(callOf([[lease, 1]], { isAsked: false }));
    expect([serve(line), line.size]).toEqual([0, 1]);
  });

  it('lets a call with time wait half a minute, whatever the limits say, and refuses it then or when nobody stays', () => {
    const lease = leaseOf('a', 0);
    const line = new WaitingLine<CallLimit, RateLease>();
    const [call, other] = [callOf([[lease, 30]]), callOf([[lease, 40]], { sinceMs: 20 })];
    for (const one of [call, other]) line.joinLater(one);
    expect([serve(line, 30_000, false), line.size]).toEqual([undefined, 2]);
    serve(line, 30_001);
    expect([call.heard, other.heard]).toMatchObject([[{ need: 30 }], []]);
    serve(line, 30_001, true, true);
    expect([other.heard, line.size]).toMatchObject([[{ need: 40 }], 0]);
  });

  it('is left by a call with time without a word, and by no other', () => {
    const line = new WaitingLine<CallLimit, RateLease>();
    const [call, other] = [callOf([[leaseOf('a', 0), 1]]), callOf([[leaseOf('b', 0), 1]])];
    const leave = line.joinLater(call);
    line.joinLater(other);
    leave();
    expect([line.next(), call.heard]).toEqual([[other], []]);
  });

  it('asks for at most five hundred in one exchange, those without time first', () => {
    const line = new WaitingLine<CallLimit, RateLease>();
    const lease = leaseOf('a', 0);
    const calls = Array.from({ length: 499 }, () => callOf([[lease, 1]]));
    for (const call of calls) line.join(call);
    const [first, second] = [callOf([[lease, 1]]), callOf([[lease, 1]])];
    for (const call of [first, second]) line.joinLater(call);
    expect(line.next()).toEqual([...calls, first]);
  });

  it('gives out no more than there is, and nobody overtakes who needs the same', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }), (units, needs) => {
        const lease = leaseOf('a', units);
        const line = new WaitingLine<CallLimit, RateLease>();
        const calls = needs.map((need) => callOf([[lease, need]]));
        for (const call of calls) line.join(call);
        serve(line);
        let left = units;
        for (const [at, { heard }] of calls.entries()) {
          const need = needs[at] ?? 0;
          const goes = need <= left;
          expect(heard[0] === 'taken').toBe(goes);
          expect(heard.length).toBe(1);
          if (goes) left -= need;
        }
        expect([lease.has(left, 0), lease.has(left + 1, 0), line.size, line.isWanted(lease)]).toEqual([true, false, 0, false]);
      }),
    );
  });
});

describe('a refusal', () => {
  it('is of the first limit that has too little, and of the first one where each has enough by now', () => {
    const [full, low] = [leaseOf('a', 9), leaseOf('b', 1)];
    const call = callOf([
      [full, 2],
      [low, 2],
    ]);
    refuse(call, 0);
    low.told(answerOf({ granted: 9, left: 0 }), low.ask([1], 0), 0);
    refuse(call, 0);
    expect(call.heard).toMatchObject([
      { limit: low.limit, need: 2 },
      { limit: full.limit, need: 2 },
    ]);
  });

  it('is of a limit that will never have enough, whichever others have too little now', () => {
    const [low, never] = [leaseOf('a', 0), leaseOf('b', 0)];
    const call = callOf([
      [low, 2],
      [never, 101],
    ]);
    refuse(call, 0);
    expect(call.heard).toMatchObject([{ limit: never.limit, waitMs: null }]);
  });

  it('is for good where a limit is lower than the need, and no other', () => {
    const [one, other] = [leaseOf('a', 0), leaseOf('b', 0)];
    const ofNeeds = (first: number, second: number): LimitRefusal<CallLimit> | undefined =>
      refusedForGood(
        callOf([
          [one, first],
          [other, second],
        ]),
        0,
      );
    expect([ofNeeds(100, 100), ofNeeds(1, 1)]).toEqual([undefined, undefined]);
    expect(ofNeeds(100, 101)).toMatchObject({ limit: other.limit, need: 101, waitMs: null });
  });
});
