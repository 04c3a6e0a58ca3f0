import { describe, expect, it } from '@jest/globals';
import { answeredInTime } from './answered-in-time.js';

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
