import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitOf } from '../../../test/support/leases.js';
import { answeredInTime } from './answered-in-time.js';
import { callLimits } from './call-limit.js';
import { groupsOf } from './limit-groups.js';
import { PromptEstimates } from './prompt-estimates.js';

describe('the limits of calls among stored ones', () => {
  const subject = { tenantId: 'ten_a', owner: 'endpoint', id: 'end_1', epoch: 7 } as const;
  const limit = { owner: 'endpoint', ownerId: 'end_1', epoch: 7 };

  it('are those that are set, none of them too', () => {
    expect(callLimits(subject, { requests_per_minute: 5, tokens_per_minute: null, parallel_requests: 0 })).toEqual([
      { ...limit, id: 'ten_a/endpoint/end_1/requests', kind: 'requests', most: 5 },
      { ...limit, id: 'ten_a/endpoint/end_1/parallel', kind: 'parallel', most: 0 },
    ]);
    expect(callLimits(subject, { tokens_per_minute: 9 })).toEqual([
      { ...limit, id: 'ten_a/endpoint/end_1/tokens', kind: 'tokens', most: 9 },
    ]);
    expect(callLimits(subject, {})).toEqual([]);
  });
});

describe('limits by when they are asked for', () => {
  const [requests, tokens, parallel] = [limitOf('requests', 1), limitOf('tokens', 2), limitOf('parallel', 3)];

  it('are one request and one place at first, and tokens when the call is known', () => {
    expect(groupsOf([requests, tokens, parallel])).toEqual({
      request: [
        { limit: requests, units: 1 },
        { limit: parallel, units: 1 },
      ],
      place: [{ limit: parallel, units: 1 }],
      tokens: [tokens],
    });
  });

  it('are sorted once for each list', () => {
    const [list, same] = [[requests], [requests]];
    expect(groupsOf(list)).toBe(groupsOf(list));
    expect(groupsOf(same)).not.toBe(groupsOf(list));
  });
});

describe('the estimate of a prompt', () => {
  it('is a token for four bytes where nothing is known, rounded up', () => {
    const estimates = new PromptEstimates();
    expect([0, 1, 4, 5, 4_000].map((bytes) => estimates.of('a', bytes))).toEqual([0, 1, 1, 2, 1_000]);
  });

  it('moves by a fifth to what each call was reported as, for that name alone', () => {
    const estimates = new PromptEstimates();
    estimates.learn('a', 1_000, 500);
    expect([estimates.of('a', 1_000), estimates.of('b', 1_000)]).toEqual([300, 250]);
    estimates.learn('a', 1_000, 50);
    expect(estimates.of('a', 1_000)).toBe(250);
  });

  it('learns nothing of a call whose length or tokens nobody knows', () => {
    const estimates = new PromptEstimates();
    for (const [bytes, tokens] of [
      [0, 10],
      [10, 0],
      [-1, 10],
      [10, -1],
    ] as const)
      estimates.learn('a', bytes, tokens);
    expect(estimates.of('a', 1_000)).toBe(250);
    estimates.learn('a', 1, 1);
    expect(estimates.of('a', 1_000)).toBe(400);
  });

  it('comes as near as is wanted to what calls are reported as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (tokens) => {
        const estimates = new PromptEstimates();
        for (let call = 0; call < 60; call += 1) estimates.learn('a', 1_000, tokens);
        expect(Math.abs(estimates.of('a', 1_000) - tokens)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is forgotten of the name that was learned longest ago beyond ten thousand', () => {
    const estimates = new PromptEstimates();
    for (const name of ['first', 'second', ...Array.from({ length: 9_998 }, (_, at) => `n${at}`)]) estimates.learn(name, 10, 10);
    estimates.learn('first', 10, 10);
    const known = estimates.of('first', 100);
    expect(estimates.of('second', 100)).toBe(40);
    estimates.learn('new', 10, 10);
    expect([estimates.of('first', 100), estimates.of('second', 100), estimates.of('new', 100)]).toEqual([known, 25, 40]);
  });
});

describe('an answer that is waited for', () => {
  it('is given, or what went wrong with it', async () => {
    await expect(answeredInTime(Promise.resolve(5), 60_000)).resolves.toBe(5);
    await expect(answeredInTime(Promise.reject(new Error('no')), 60_000)).rejects.toThrow('no');
  });

  it('leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await answeredInTime(Promise.resolve(5), 60_000);
    expect(timers()).toBe(before);
  });

  it('is given up when it does not come', async () => {
    const never = new Promise<number>(() => undefined);
    await expect(answeredInTime(never, 5)).rejects.toThrow('The store of the limits has not answered for 5 ms.');
  });

  it('counts as in time when it has come while the process was busy', async () => {
    const come = new Promise<number>((resolve) => setTimeout(() => setImmediate(resolve, 5), 2));
    const answer = answeredInTime(come, 1);
    const busyUntil = performance.now() + 10;
    while (performance.now() < busyUntil);
    await expect(answer).resolves.toBe(5);
  });
});
