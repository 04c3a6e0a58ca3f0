import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newTimedId } from '../../kernel/ids.js';
import { readLine } from '../../platform/journal/journal-line.js';
import { RecordKinds } from '../../platform/journal/record-kinds.js';
import type { CallEnd } from '../../platform/journal/call-record.js';
import { CallSums } from '../usage/gates/call-sums.js';
import { blockLine, isBlock, readBlock, requestsKind, within } from './request-block.js';
import { requestColumns, type RequestFacts } from './request-record.js';

const kinds = new RecordKinds();
kinds.register({ kind: requestsKind, reads: isBlock, write: () => Promise.resolve() });

/** The rows that a line says, by their columns' names; the same for whoever has written it and for whoever adopts it. */
function rowsOf(line: string): { text: string; rows: Record<string, unknown>[] } {
  expect(line.endsWith('\n')).toBe(true);
  expect(line.slice(0, -1)).not.toContain('\n');
  const own = readLine(line.slice(0, -1), undefined);
  const adopted = readLine(line.slice(0, -1), undefined, kinds);
  if (own?.what !== 'record' || adopted?.what !== 'record') throw new Error(`No record: ${line}`);
  const [count, , , ...values] = JSON.parse(own.record.text) as unknown[];
  expect([own.record.kind, count]).toEqual([requestsKind, values.length]);
  expect(JSON.parse(adopted.record.text)).toEqual(JSON.parse(own.record.text));
  const rows = (values as unknown[][]).map((row) =>
    Object.fromEntries(requestColumns.map(({ name }, place) => [name, row[place]])),
  );
  return { text: own.record.text, rows };
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
        const { rows } = rowsOf(blockLine([], [{ facts: whole, count }]));
        const read = rows[0] ?? {};
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
      }),
    );
  });

  it('stands with others in one line, of which those are told apart that came between two moments', () => {
    const moment = fc.integer({ min: 1_000, max: 2_000 });
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 20 }), moment, moment, (times, fromMs, beforeMs) => {
        const calls = times.map((atMs): RequestFacts => ({
          ...{ tenantId: 'ten_a', keyId: 'key_a', method: 'GET', route: 'models.list', startedAt: 5, latencyMs: 1, enteredAt: 5 },
          ...{
            endpoint: undefined,
            status: 200,
            errorCode: undefined,
            isAborted: false,
            sums: undefined,
            address: 'x',
            agent: 'a, "b"]',
          },
          requestId: newTimedId('request', atMs),
        }));
        const { text, rows } = rowsOf(blockLine(calls, []));
        const block = readBlock(text);
        expect([block.count, block.firstMs, block.lastMs]).toEqual([times.length, Math.min(...times), Math.max(...times)]);
        const kept = within(block, fromMs, beforeMs);
        const ids = (JSON.parse(`[${kept?.rows ?? ''}]`) as unknown[][]).map(([, , id]) => id);
        const wanted = rows.filter(({ created_at: at }) => Number(at) >= fromMs && Number(at) < beforeMs).map(({ id }) => id);
        expect([ids, kept?.count ?? 0]).toEqual([wanted, wanted.length]);
      }),
    );
  });
});
