import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  beginLine,
  beginText,
  endedRecord,
  endLine,
  interruptedRecord,
  parseLine,
  recordColumns,
  storable,
  type CallEnd,
  type CallStart,
} from './call-record.js';

const anyText = fc
  .string({ unit: 'binary', maxLength: 40 })
  .chain((text) => fc.constantFrom(text, `${text}\0`, `\ud800${text}`, `${text}\n${text}`, `"${text}\\u0000`, `${text}😀`));

const anyStart: fc.Arbitrary<CallStart> = fc.record({
  id: fc.string({ minLength: 1 }),
  tenantId: fc.string(),
  keyId: fc.string(),
  requestId: fc.string(),
  route: fc.string(),
  endpoint: anyText,
  connectionId: fc.string(),
  model: anyText,
  stream: fc.boolean(),
  startedAtMs: fc.oneof(fc.integer({ min: 0 }), fc.double()),
});

const anyCount = fc.oneof(fc.nat(), fc.double(), fc.integer(), fc.maxSafeInteger());

const anyEnd: fc.Arbitrary<CallEnd> = fc.record({
  status: fc.integer({ min: 100, max: 599 }),
  state: fc.constantFrom('completed', 'client_closed', 'upstream_failed'),
  source: fc.constantFrom('upstream', 'counted', 'none'),
  inputTokens: anyCount,
  cachedInputTokens: anyCount,
  outputTokens: anyCount,
  reasoningTokens: anyCount,
  totalTokens: anyCount,
  latencyMs: anyCount,
  firstTokenMs: fc.option(anyCount),
});

describe('the lines of the journal', () => {
  it('are one line each and read back as they were written, whatever the names and figures hold', () => {
    fc.assert(
      fc.property(anyStart, anyEnd, (start, end) => {
        const begin = beginLine(beginText(start));
        const record = endedRecord(beginText(start), end);
        expect(begin.indexOf('\n')).toBe(begin.length - 1);
        expect(endLine(record).indexOf('\n')).toBe(record.length + 1);
        expect(parseLine(begin.slice(0, -1))).toEqual({ kind: 'begin', id: start.id, text: begin.slice(1, -1) });
        expect(parseLine(endLine(record).slice(0, -1))).toEqual({ kind: 'end', id: start.id, text: record });
      }),
    );
  });

  it('keep figures that a column can hold exactly and names but for what Postgres cannot store', () => {
    fc.assert(
      fc.property(anyStart, anyEnd, (start, end) => {
        const values = JSON.parse(
          endedRecord(beginText(start), { ...end, inputTokens: 2_147_483_647, outputTokens: 7 }),
        ) as unknown[];
        const named = Object.fromEntries(recordColumns.map(({ name }, place) => [name, values[place]]));
        expect(named).toMatchObject({
          endpoint: storable(start.endpoint),
          model: storable(start.model),
          stream: start.stream,
          status: end.status,
          state: end.state,
          source: end.source,
          input_tokens: 2_147_483_647,
          output_tokens: 7,
        });
      }),
    );
  });

  it('are never read from a part of a line', () => {
    fc.assert(
      fc.property(anyStart, anyEnd, fc.nat(), (start, end, cut) => {
        const line = endLine(endedRecord(beginText(start), end)).slice(0, -1);
        expect(parseLine(line.slice(0, cut % line.length))).toBeUndefined();
      }),
    );
  });

  it('give a call that never ended the state interrupted, no tokens and the status 500', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const text = parseLine(beginLine(beginText(start)).slice(0, -1))?.text ?? '';
        const record = interruptedRecord(text);
        expect(parseLine(`E${record}`)).toEqual({ kind: 'end', id: start.id, text: record });
        expect(JSON.parse(record).slice(10)).toEqual([500, 'interrupted', 'none', 0, 0, 0, 0, 0, 0, null]);
      }),
    );
  });
});

describe('storable', () => {
  it('leaves whole characters alone and replaces NUL and half pairs', () => {
    expect(storable('gpt-5 ü 😀')).toBe('gpt-5 ü 😀');
    expect(storable('a\0b\ud83dc')).toBe('a\ufffdb\ufffdc');
  });
});
