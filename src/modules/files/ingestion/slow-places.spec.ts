import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JobLaterError } from '../../../platform/queue/job-run.js';
import { SlowPlaces, type SlowPlace } from './slow-places.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const isPutOff = (waiting: Promise<unknown>): Promise<boolean> =>
  waiting.then(
    () => false,
    (error: unknown) => error instanceof JobLaterError,
  );

async function taken(places: SlowPlaces, tenant: string, id: string): Promise<SlowPlace> {
  const place = await places.of(tenant, id);
  await place.take();
  return place;
}

describe('the places for files that are slow to read', () => {
  it('leave one to another tenant, and one place of the worker to other files', async () => {
    const places = new SlowPlaces();
    await taken(places, 'a', 'file-1');
    await taken(places, 'a', 'file-2');
    const third = isPutOff(taken(places, 'a', 'file-3'));
    await jest.advanceTimersByTimeAsync(500);
    expect(await third).toBe(true);
    await taken(places, 'b', 'file-4');
    const ofOther = isPutOff(taken(places, 'c', 'file-5'));
    await jest.advanceTimersByTimeAsync(500);
    expect(await ofOther).toBe(true);
  });

  it('go to a tenant that has none before one that has', async () => {
    const places = new SlowPlaces();
    const first = await taken(places, 'a', 'file-1');
    await taken(places, 'a', 'file-2');
    await taken(places, 'b', 'file-3');
    first.leave();
    const again = isPutOff(taken(places, 'a', 'file-4'));
    await jest.advanceTimersByTimeAsync(500);
    expect(await again).toBe(true);
    expect(await isPutOff(taken(places, 'c', 'file-5'))).toBe(false);
  });

  it('are waited for before the next attempt at a file that needed one in vain, and by no other', async () => {
    const places = new SlowPlaces();
    const held = [await taken(places, 'a', 'file-1'), await taken(places, 'a', 'file-2')];
    const inVain = isPutOff(taken(places, 'a', 'file-3'));
    await jest.advanceTimersByTimeAsync(500);
    expect(await inVain).toBe(true);
    expect(await isPutOff(places.of('a', 'file-4'))).toBe(false);
    const known = isPutOff(places.of('a', 'file-3'));
    await jest.advanceTimersByTimeAsync(500);
    expect(await known).toBe(true);
    for (const place of held) place.leave();
    const place = await places.of('a', 'file-3');
    await place.take();
    expect(await isPutOff(taken(places, 'a', 'file-5'))).toBe(false);
  });
});
