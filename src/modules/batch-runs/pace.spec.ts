import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

let nowMs = 0;
const paceOf = (all: number): Pace => new Pace(all, () => nowMs);

describe('the pace of a batch', () => {
  it('is halved once for all that are told to wait at the same time, and they wait for the longest of it', () => {
    const pace = paceOf(64);
    for (let told = 0; told < 20; told += 1) pace.toldToWait(1_000 + told * 100);
    expect([pace.most, pace.throttles, pace.pauseMs]).toEqual([32, 1, 2_900]);
    nowMs += 2_900;
    expect(pace.pauseMs).toBe(0);
    pace.toldToWait(1_000);
    expect([pace.most, pace.throttles]).toEqual([16, 2]);
  });

  it('is never less than one request at a time, and comes back with those that go well', () => {
    const pace = paceOf(8);
    for (let told = 0; told < 10; told += 1) {
      pace.toldToWait(1_000);
      nowMs += 1_000;
    }
    expect(pace.most).toBe(1);
    for (let answered = 0; answered < 100; answered += 1) pace.wentWell();
    expect([pace.most, pace.throttles]).toEqual([8, 0]);
  });
});
