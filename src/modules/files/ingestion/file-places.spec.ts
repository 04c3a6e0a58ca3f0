import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JobLaterError } from '../../../platform/queue/job-run.js';
import { FilePlaces } from './file-places.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A tenant that has all places that it may have, and what leaves one of them. */
async function full(): Promise<{ places: FilePlaces; leave: () => void }> {
  const places = new FilePlaces();
  const [leave] = await Promise.all([places.take('a'), places.take('a'), places.take('a')]);
  return { places, leave };
}

/** For how long a job is put off. */
async function putOff(take: Promise<unknown>): Promise<number> {
  const error: unknown = await take.catch((thrown: unknown) => thrown);
  if (!(error instanceof JobLaterError)) throw new Error('The job got a place.');
  return error.delayMs;
}

describe("a worker's places", () => {
  it('are never all of one tenant, and one is left for another at any time', async () => {
    const { places } = await full();
    const fourth = putOff(places.take('a'));
    expect(await places.take('b')).toBeInstanceOf(Function);
    await jest.advanceTimersByTimeAsync(500);
    expect(await fourth).toBe(1_000);
  });

  it('go to whoever of the tenant waits when one is left', async () => {
    const { places, leave } = await full();
    const waiting = places.take('a');
    leave();
    expect(await waiting).toBeInstanceOf(Function);
  });

  it('are waited for again once one was left after a job was put off', async () => {
    const { places, leave } = await full();
    const first = putOff(places.take('a'));
    await jest.advanceTimersByTimeAsync(500);
    await first;
    leave();
    const next = await places.take('a');
    const waiting = places.take('a');
    next();
    expect(await waiting).toBeInstanceOf(Function);
  });

  it('are not held by a long row of jobs of which each waits in vain; they come back one by one', async () => {
    const { places } = await full();
    const first = putOff(places.take('a'));
    await jest.advanceTimersByTimeAsync(500);
    const delays = [await first];
    // The clock stands still from here on.
    for (let job = 0; job < 100; job += 1) delays.push(await putOff(places.take('a')));
    expect(delays).toEqual(Array.from({ length: 101 }, (_none, at) => 1_000 + 10 * at));
  });
});
