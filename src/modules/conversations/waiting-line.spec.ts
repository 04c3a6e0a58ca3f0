import { describe, expect, it } from '@jest/globals';
import { WaitingLine } from './waiting-line.js';

const never = new AbortController().signal;

describe('a line', () => {
  it('lets one in at a time, first come, first served', async () => {
    const line = new WaitingLine();
    const seen: string[] = [];
    const visit = async (name: string): Promise<void> => {
      await line.enter('a', never);
      seen.push(`${name} in`);
      await Promise.resolve();
      seen.push(`${name} out`);
      line.leave('a');
    };
    await Promise.all(['1', '2', '3'].map(visit));
    expect(seen).toEqual(['1 in', '1 out', '2 in', '2 out', '3 in', '3 out']);
  });

  it('says who had to wait, and keeps lines of different names apart', async () => {
    const line = new WaitingLine();
    expect([await line.enter('a', never), await line.enter('b', never)]).toEqual([false, false]);
    const second = line.enter('a', never);
    line.leave('a');
    expect(await second).toBe(true);
  });

  it('forgets who gave up: the next one is called in its place', async () => {
    const line = new WaitingLine();
    await line.enter('a', never);
    const leave = new AbortController();
    const second = line.enter('a', leave.signal);
    const third = line.enter('a', never);
    leave.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    line.leave('a');
    expect(await third).toBe(true);
    line.leave('a');
    expect(await line.enter('a', never)).toBe(false);
  });

  it('is not entered by who has given up before', async () => {
    const line = new WaitingLine();
    await expect(line.enter('a', AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(await line.enter('a', never)).toBe(false);
  });
});
