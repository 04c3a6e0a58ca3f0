import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idOf, newId, newTimedId, timeOfId } from './ids.js';

const latestMs = 8.64e13;

describe('ids that words always get', () => {
  it('have the form of all ids, are the same each time and others for other words and kinds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 0, max: latestMs }), (one, other, atMs) => {
        expect(idOf('request', one)).toMatch(/^req_[0-9A-Za-z]{24}$/);
        expect(idOf('request', one)).toBe(idOf('request', one));
        expect(idOf('request', one) === idOf('request', other)).toBe(one === other);
        expect(idOf('usage', one, atMs).slice(-8)).not.toBe(idOf('request', one).slice(-8));
        expect(timeOfId('usage', idOf('usage', one, atMs))).toBe(atMs);
      }),
    );
  });
});

describe('timed ids', () => {
  it('have the form of all ids, tell their time and sort by it', () => {
    const times = fc.array(fc.integer({ min: 0, max: latestMs }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(times, (moments) => {
        const ids = moments.map((atMs) => newTimedId('usage', atMs));
        for (const id of ids) expect(id).toMatch(/^use_[0-9A-Za-z]{24}$/);
        expect(ids.map((id) => timeOfId('usage', id))).toEqual(moments);
        expect([...ids].sort().map((id) => timeOfId('usage', id))).toEqual([...moments].sort((one, other) => one - other));
      }),
    );
  });

  it('of one moment differ, and sort in the order they were made, whether letters or bytes are compared', () => {
    const ids = Array.from({ length: 1000 }, () => newTimedId('usage', 5));
    expect(new Set(ids).size).toBe(1000);
    expect([...ids].sort()).toEqual(ids);
    expect([...ids].sort(new Intl.Collator('en').compare)).toEqual(ids);
  });

  it('of more than 1,296 in one moment still differ', () => {
    expect(new Set(Array.from({ length: 3000 }, () => newTimedId('usage', 6))).size).toBe(3000);
  });

  it('are told from what has another form; an id without time tells some time', () => {
    for (const id of ['use_1', 'key_0Uz0000012345678901234AB', 'use_0Uz000-012345678901234AB', '']) {
      expect(timeOfId('usage', id)).toBeUndefined();
    }
    expect(timeOfId('usage', newId('usage'))).toBeGreaterThanOrEqual(0);
  });
});
