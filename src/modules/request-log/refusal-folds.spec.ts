import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newTimedId } from '../../kernel/ids.js';
import { RefusalFolds, singleRefusals } from './refusal-folds.js';
import type { RequestFacts } from './request-record.js';

function refusal(keyId: string, status: number, errorCode: string): RequestFacts {
  return {
    tenantId: 'ten_a',
    keyId,
    requestId: newTimedId('request', 1_700_000_000_000),
    method: 'POST',
    route: 'chat.completions.create',
    endpoint: undefined,
    status,
    errorCode,
    isAborted: false,
    startedAt: 0,
    latencyMs: 1,
    enteredAt: undefined,
    sums: undefined,
    address: '127.0.0.1',
    agent: undefined,
  };
}

const refusals = fc.array(
  fc.record({
    keyId: fc.constantFrom('key_a', 'key_b'),
    why: fc.constantFrom([404, 'model_not_found'] as const, [429, 'rate_limit_exceeded'] as const),
    afterMs: fc.nat({ max: 300 }),
  }),
  { maxLength: 200 },
);

describe('refusals of a key', () => {
  it('are told one by one up to ten in a second, and beyond as one row for each reason; none is told twice or left out', () => {
    fc.assert(
      fc.property(refusals, (given) => {
        const folds = new RefusalFolds();
        let atMs = 1_700_000_000_000;
        const told: { key: string; why: string; second: number; count: number; isFolded: boolean }[] = [];
        const note = ({ keyId, errorCode }: RequestFacts, second: number, count: number, isFolded: boolean): void =>
          void told.push({ key: keyId, why: errorCode ?? '', second, count, isFolded });
        for (const { keyId, why, afterMs } of given) {
          const before = Math.floor(atMs / 1000);
          atMs += afterMs;
          for (const { facts, count } of folds.ended(atMs)) note(facts, before, count, true);
          const facts = refusal(keyId, why[0], why[1]);
          if (!folds.take(facts, atMs)) note(facts, Math.floor(atMs / 1000), 1, false);
        }
        for (const { facts, count } of folds.ended(Infinity)) note(facts, Math.floor(atMs / 1000), count, true);
        expect(folds.isEmpty).toBe(true);
        for (const key of ['key_a', 'key_b']) {
          for (const why of ['model_not_found', 'rate_limit_exceeded']) {
            const asked = given.filter((one) => one.keyId === key && one.why[1] === why).length;
            const rows = told.filter((row) => row.key === key && row.why === why);
            expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(asked);
            const folded = rows.filter(({ isFolded }) => isFolded).map(({ second }) => second);
            expect(new Set(folded).size).toBe(folded.length);
          }
          const seconds = new Set(told.filter((row) => row.key === key).map(({ second }) => second));
          for (const second of seconds) {
            const single = told.filter((row) => row.key === key && row.second === second && !row.isFolded).length;
            expect(single).toBeLessThanOrEqual(singleRefusals);
            if (told.some((row) => row.key === key && row.second === second && row.isFolded)) expect(single).toBe(singleRefusals);
          }
        }
      }),
    );
  });
});
