import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CallTokens } from './call-tokens.js';
import { TokenRests } from './token-rests.js';
import { TokenTurns, type SigningToken } from './token-turns.js';

const named = (token: string): SigningToken => ({ token, header: ['authorization', `Bearer ${token}`] });
const tokensOf = (count: number): SigningToken[] => Array.from({ length: count }, (_one, at) => named(`t${at + 1}`));

/** Turns of so many tokens, with a clock that the test moves. */
function turnsOf(count: number) {
  const clock = { now: 0 };
  const rests = new TokenRests(() => clock.now);
  const refused: string[] = [];
  const turns = new TokenTurns(tokensOf(count), rests, (place) => refused.push(place));
  const begun = (): string => new CallTokens(turns).begin()[1]?.replace('Bearer ', '') ?? '';
  return { clock, rests, turns, refused, begun };
}

/** A call that has begun with the token whose turn it is. */
function begin(turns: TokenTurns) {
  const call = new CallTokens(turns);
  call.begin();
  return (status: number, waitMs?: number, mayRepeat = true) => call.insteadOf({ status, waitMs }, mayRepeat)?.[1];
}

describe('the tokens of a connection', () => {
  it('are taken in turn', () => {
    const { begun } = turnsOf(3);
    expect([begun(), begun(), begun(), begun()]).toEqual(['t1', 't2', 't3', 't1']);
  });

  it('go on where they were when the connection is read again', () => {
    const { turns, rests } = turnsOf(3);
    turns.take();
    turns.rest(named('t3'), 'busy', 1000);
    rests.keepOnly(['t2', 't3']);
    const again = new TokenTurns([named('t2'), named('t3')], rests);
    expect([again.take().token, again.take().token]).toEqual(['t2', 't2']);
  });

  it('rest after a 429, as long as the provider says, 30 s where it does not, and an hour at most', () => {
    for (const [said, ms] of [
      [5000, 5000],
      [undefined, 30_000],
      [100 * 3_600_000, 3_600_000],
      [0, 0],
    ] as const) {
      const { clock, turns, begun } = turnsOf(2);
      expect(begin(turns)(429, said)).toBe('Bearer t2');
      if (ms > 0) {
        clock.now = ms - 1;
        expect([begun(), begun()]).toEqual(['t2', 't2']);
      }
      clock.now = ms;
      expect([begun(), begun()].sort()).toEqual(['t1', 't2']);
    }
  });

  it('are each tried once by a call that meets a 429 with all of them', () => {
    const { turns } = turnsOf(3);
    const refuse = begin(turns);
    expect([refuse(429), refuse(429), refuse(429), refuse(429)]).toEqual(['Bearer t2', 'Bearer t3', undefined, undefined]);
  });

  it('rest five minutes after a 401, which is told once, and one other is tried', () => {
    const { clock, turns, refused } = turnsOf(3);
    const refuse = begin(turns);
    expect([refuse(401), refuse(401)]).toEqual(['Bearer t2', undefined]);
    expect([refused, turns.refusedPlaces()]).toEqual([
      ['key 1 of 3', 'key 2 of 3'],
      ['key 1 of 3', 'key 2 of 3'],
    ]);
    begin(turns)(401);
    expect([refused.length, turns.take().token]).toEqual([3, 't1']);
    clock.now = 300_000;
    expect([turns.refusedPlaces(), new Set([turns.take(), turns.take(), turns.take()]).size]).toEqual([[], 3]);
  });

  it.each([400, 403, 404, 500, 503])('are not changed after %i', (status) => {
    const { turns, begun } = turnsOf(2);
    expect(begin(turns)(status, 1000)).toBeUndefined();
    expect([begun(), begun()]).toEqual(['t2', 't1']);
  });

  it('rest also where the call cannot be made again', () => {
    const { turns, begun } = turnsOf(2);
    expect(begin(turns)(429, undefined, false)).toBeUndefined();
    expect([begun(), begun()]).toEqual(['t2', 't2']);
  });

  it('of which there is only one never rest', () => {
    const { turns, begun, refused } = turnsOf(1);
    const refuse = begin(turns);
    expect([refuse(429), refuse(401), begun(), refused]).toEqual([undefined, undefined, 't1', []]);
  });

  it('are none for a connection that signs in otherwise', () => {
    const call = new CallTokens(null);
    expect([call.begin(), call.insteadOf({ status: 429, waitMs: 1 }, true)]).toEqual([[], undefined]);
  });

  it('of a call stay the same when it is sent again for another reason', () => {
    const { turns } = turnsOf(2);
    const call = new CallTokens(turns);
    expect([call.begin()[1], call.begin()[1]]).toEqual(['Bearer t1', 'Bearer t1']);
    turns.rest(named('t1'), 'busy', 1000);
    expect(call.begin()[1]).toBe('Bearer t2');
  });

  it('that rest are never used while one does not, and else the one that rests shortest', () => {
    const step = fc.record({
      wait: fc.nat(40_000),
      status: fc.constantFrom(200, 200, 429, 429, 401, 500),
      retryAfter: fc.option(fc.nat(60_000), { nil: undefined }),
      again: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.array(step, { maxLength: 60 }), (count, steps) => {
        const { clock, turns, rests } = turnsOf(count);
        const left = (): Map<string, number> => new Map(tokensOf(count).map(({ token }) => [token, rests.leftOf(token)]));
        const judge = (token: string, before: ReadonlyMap<string, number>): void => {
          const own = before.get(token) ?? 0;
          if (own > 0) expect(own).toBe(Math.min(...before.values()));
        };
        for (const { wait, status, retryAfter, again } of steps) {
          clock.now += wait;
          const call = new CallTokens(turns);
          let before = left();
          const tried: string[] = [];
          for (let header: readonly string[] | undefined = call.begin(); header !== undefined;) {
            const token = header[1]?.replace('Bearer ', '') ?? '';
            judge(token, before);
            expect(tried).not.toContain(token);
            tried.push(token);
            header = call.insteadOf({ status, waitMs: retryAfter }, again);
            before = left();
          }
          expect(tried.length).toBeLessThanOrEqual(status === 429 && again ? count : status === 401 && again ? 2 : 1);
        }
      }),
    );
  });

  it('are fairly shared: none is taken twice before each was once, while none rests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.nat(40), (count, calls) => {
        const { begun } = turnsOf(count);
        const taken = Array.from({ length: calls }, begun);
        taken.forEach((token, at) => expect(taken.slice(Math.max(0, at - count + 1), at)).not.toContain(token));
      }),
    );
  });
});
