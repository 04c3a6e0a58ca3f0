import { describe, expect, it } from '@jest/globals';
import { inTime } from './in-time.js';

/** Something that comes over the network: it is there as soon as the process looks for it. */
const answer = (): Promise<string> => new Promise((resolve) => setImmediate(() => setImmediate(() => resolve('here'))));

function holdUp(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

describe('what is waited for', () => {
  it('has come in time when only this process had no time to see it', async () => {
    const waited = inTime(answer(), 50, 'It');
    holdUp(200);
    expect(await waited).toBe('here');
  });

  it('is given up when it does not come', async () => {
    await expect(inTime(new Promise(() => undefined), 50, 'It')).rejects.toThrow('It did not answer within 50 ms');
  });

  it('fails as it fails', async () => {
    await expect(inTime(Promise.reject(new Error('gone')), 50, 'It')).rejects.toThrow('gone');
  });
});
