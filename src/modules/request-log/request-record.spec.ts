import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newTimedId } from '../../kernel/ids.js';
import { readLine } from '../../platform/journal/journal-line.js';
import { RecordKinds } from '../../platform/journal/record-kinds.js';
import type { CallEnd } from '../../platform/journal/call-record.js';
import { CallSums } from '../usage/gates/call-sums.js';
import { isRequest, momentOf, requestColumns, requestKind, requestLine, type RequestFacts } from './request-record.js';

const kinds = new RecordKinds();
kinds.register({ kind: requestKind, reads: isRequest, write: () => Promise.resolve() });

/** The columns that a line says, by their names; the same for whoever has written it and for whoever adopts it. */
function columnsOf(line: string): Record<string, unknown> {
  expect(line.endsWith('\n')).toBe(true);
  expect(line.slice(0, -1)).not.toContain('\n');
  const own = readLine(line.slice(0, -1), undefined);
  const adopted = readLine(line.slice(0, -1), undefined, kinds);
  if (own?.what !== 'record' || adopted?.what !== 'record') throw new Error(`No record: ${line}`);
  const values = JSON.parse(own.record.text) as unknown[];
  expect(own.record.kind).toBe(requestKind);
  expect(JSON.parse(adopted.record.text)).toEqual(values);
  return Object.fromEntries(requestColumns.map(({ name }, place) => [name, values[place]]));
}

const end = fc.record({
  inputTokens: fc.nat(),
  outputTokens: fc.nat(),
  totalTokens: fc.nat(),
  firstTokenMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
});
const price = fc.option(fc.record({ cost: fc.nat(), charge: fc.nat(), currency: fc.constantFrom('USD', 'EUR') }), {
  nil: undefined,
});
const text = fc.string({ unit: 'binary', maxLength: 300 });

const facts = fc.record({
  atMs: fc.nat({ max: 4e12 }),
  endpoint: fc.option(text, { nil: undefined }),
  status: fc.integer({ min: 100, max: 599 }),
  errorCode: fc.constantFrom(undefined, 'not_found'),
  isAborted: fc.boolean(),
  latencyMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
  enteredAt: fc.option(fc.double({ min: 5, max: 1e7, noNaN: true }), { nil: undefined }),
  address: fc.constantFrom('127.0.0.1', '2001:db8::1', 'unknown'),
  agent: fc.option(text, { nil: undefined }),
  calls: fc.array(fc.tuple(end, price), { maxLength: 4 }),
  count: fc.integer({ min: 1, max: 1000 }),
});

describe('the record of a call', () => {
  it('is one line that says what is known of it, whatever the client has sent', () => {
    fc.assert(
      fc.property(facts, ({ atMs, calls, count, ...given }) => {
        const sums = calls.length === 0 ? undefined : new CallSums();
        const ids = calls.map((_, at) => newTimedId('usage', atMs + at));
        for (const id of ids) sums?.begin(id);
        for (const [took, cost] of calls) sums?.end(took as CallEnd, cost);
        const whole: RequestFacts = {
          ...{ tenantId: 'ten_a', keyId: 'key_a', method: 'POST', route: 'chat.completions.create', startedAt: 5 },
          ...{ ...given, requestId: newTimedId('request', atMs), sums },
        };
        const line = requestLine(whole, count);
        const read = columnsOf(line);
        const currencies = new Set(calls.flatMap(([, cost]) => cost?.currency ?? []));
        const priced = calls.flatMap(([, cost]) => cost ?? []);
        const sumOf = (numbers: readonly number[]): number =>
          Math.min(
            numbers.reduce((sum, number) => sum + number, 0),
            2_147_483_647,
          );
        expect(read).toMatchObject({
          ...{ created_at: atMs, tenant_id: 'ten_a', id: whole.requestId, key_id: 'key_a', method: 'POST', count },
          ...{
            status: given.status,
            error_code: given.errorCode ?? null,
            aborted: given.isAborted,
            client_address: given.address,
          },
          latency_ms: Math.round(given.latencyMs),
          entered_ms: given.enteredAt === undefined ? null : Math.round(given.enteredAt - 5),
          total_tokens: sumOf(calls.map(([took]) => took.totalTokens)),
          cost: currencies.size === 1 ? priced.reduce((sum, one) => sum + one.cost, 0) : null,
          currency: currencies.size === 1 ? [...currencies][0] : null,
          calls: ids.join(' '),
        });
        expect(read['endpoint'] === null).toBe(given.endpoint === undefined);
        expect(String(read['client_agent'] ?? '').length).toBeLessThanOrEqual(200);
        expect(momentOf(JSON.stringify(Object.values(read)))).toBe(atMs);
      }),
    );
  });
});
