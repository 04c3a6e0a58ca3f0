import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endedRecord } from '../../../test/support/ended-record.js';
import {
  beginLine,
  beginText,
  endLine,
  interruptedRecord,
  isCall,
  recordColumns,
  type CallEnd,
  type CallStart,
} from './call-record.js';
import { readLine } from './journal-line.js';
import { storable, whole } from './record-columns.js';
import { RecordKinds } from './record-kinds.js';

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

const anyClaims = fc.option(fc.constantFrom('slc_1:bud_1:0::5:USD', 'slc_1:bud_1:0:86400000:5:/slc_2:bud_2:0::7:EUR'), {
  nil: undefined,
});

const anyCount = fc.oneof(fc.nat(), fc.double(), fc.integer(), fc.maxSafeInteger());

const anyEnd: fc.Arbitrary<CallEnd> = fc.record({
  status: fc.integer({ min: 100, max: 599 }),
  state: fc.constantFrom('completed', 'client_closed', 'upstream_failed'),
  source: fc.constantFrom('upstream', 'counted', 'none'),
  inputTokens: anyCount,
  cachedInputTokens: anyCount,
  cacheWriteTokens: anyCount,
  outputTokens: anyCount,
  reasoningTokens: anyCount,
  totalTokens: anyCount,
  latencyMs: anyCount,
  firstTokenMs: fc.option(anyCount),
  upstreamStatus: fc.option(fc.integer({ min: 100, max: 599 })),
  audioSeconds: fc.option(anyCount, { nil: undefined }),
  characters: fc.option(anyCount, { nil: undefined }),
  images: fc.option(anyCount, { nil: undefined }),
  imageSize: fc.option(anyText, { nil: undefined }),
  providerBatch: fc.boolean(),
  price: fc.option(fc.record({ cost: anyCount, charge: anyCount, currency: fc.constantFrom('USD', 'EUR') }), { nil: undefined }),
});

const saysMore = (end: CallEnd): boolean => {
  const { upstreamStatus, audioSeconds, characters, images, imageSize, providerBatch, price, cacheWriteTokens = 0 } = end;
  return (
    upstreamStatus !== null ||
    whole(cacheWriteTokens) > 0 ||
    providerBatch === true ||
    [audioSeconds, characters, images, imageSize, price].some((value) => value !== undefined)
  );
};

const formerEnd: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  totalTokens: 3,
  latencyMs: 4,
  firstTokenMs: 1,
};

const kinds = new RecordKinds();
const linesOf = (text: string) => text.split('\n').slice(0, -1);
const read = ([line = '', further]: readonly string[]) => readLine(line, further, kinds);
const usage = (id: string, text: string) => ({ what: 'record', id, record: { kind: 'usage', text } });

describe('the lines of the journal', () => {
  it('read back as they were written, whatever the names and figures hold', () => {
    fc.assert(
      fc.property(anyStart, anyEnd, anyClaims, (start, end, claims) => {
        const begin = linesOf(beginLine(beginText(start), claims));
        const ended = linesOf(endLine(beginText(start), end, claims));
        expect([begin.length, ended.length]).toEqual([1, claims !== undefined || saysMore(end) ? 2 : 1]);
        const held = claims === undefined ? {} : { claims };
        expect(read(begin)).toEqual({ what: 'begin', id: start.id, text: beginText(start), ...held });
        expect(read(ended)).toEqual(usage(start.id, endedRecord(beginText(start), end, claims)));
      }),
    );
  });

  it('may lack columns at the end, as those of an older build, or have more, as those of a newer one', () => {
    const begin = '["use_1","t","k","r","x","e","c","m",true,5]';
    const former = endedRecord(begin, { ...formerEnd, upstreamStatus: null });
    expect(JSON.parse(former)).toHaveLength(20);
    expect(read([`E${former}`])).toEqual(usage('use_1', former));
    const ofFormer = `${former.slice(0, -1)},502,1,2,3,"1x1",true]`;
    expect(read([`E${former}`, '+[4,502,1,2,3,"1x1",true]'])).toEqual(usage('use_1', ofFormer));
    const more = `${former.slice(0, -1)},502,1,2,3,"1x1",true,7,8,"USD","s:b:1::2:USD",9,"later"]`;
    for (const lines of [[`E${former}`, '+[8,502,1,2,3,"1x1",true,7,8,"USD","s:b:1::2:USD",9,"later"]'], [`E${more}`]])
      expect(read(lines)).toEqual(usage('use_1', more));
    expect(read([`B${begin.slice(0, -1)},"s:b:1::2:USD","later"]`])).toEqual({
      what: 'begin',
      id: 'use_1',
      text: begin,
      claims: 's:b:1::2:USD',
    });
    expect(read([`B${begin}`, '+[6,"later"]'])).toEqual({ what: 'begin', id: 'use_1', text: begin });
  });

  it('are not read when they say what this build does not know', () => {
    const former = endedRecord('["use_1","t","k","r","x","e","c","m",true,5]', formerEnd);
    const strange = [
      former.replace('completed', 'paused'),
      former.replace('upstream', 'guessed'),
      `${former.slice(0, -1)},"502"]`,
      `${former.slice(0, -1)},502,"1"]`,
      `${former.slice(0, -1)},502,1,2,3,4]`,
      `${former.slice(0, -1)},502,1,2,3,"1x1",true,0.5,8,"USD"]`,
      `${former.slice(0, -1)},502,1,2,3,"1x1",true,7,-8,"USD"]`,
      `${former.slice(0, -1)},502,1,2,3,"1x1",true,7,8,"USD",null,"9"]`,
    ];
    for (const text of strange) expect(read([`E${text}`])).toBeUndefined();
    for (const line of ['R["ledger",1,7]', 'R["ledger"]', 'X[]', '', '+[2,3]']) expect(read([line])).toBeUndefined();
    const known = new RecordKinds();
    known.register({ kind: 'ledger', reads: (columns) => columns.length >= 1, write: () => Promise.resolve() });
    expect(readLine('R["ledger",9,7,8]', undefined, known)).toEqual({
      what: 'record',
      id: '',
      record: { kind: 'ledger', text: '[7,8]' },
    });
    expect(readLine('R["ledger",9]', undefined, known)).toBeUndefined();
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

  it('have what a call took beside tokens, and nothing where it took none', () => {
    const begin = '["use_1","t","k","r","x","e","c","m",true,5]';
    const further = (end: Partial<CallEnd>) => linesOf(endLine(begin, { ...formerEnd, ...end }))[1];
    expect(further({ audioSeconds: 8.4704 })).toBe('+[7,null,8470,null,null,null]');
    expect(further({ upstreamStatus: 200, characters: 12 })).toBe('+[7,200,null,12,null,null]');
    expect(further({ upstreamStatus: 200, images: 2, imageSize: '1024x1024' })).toBe('+[7,200,null,null,2,"1024x1024"]');
    expect(further({ upstreamStatus: 200, images: 1, imageSize: 'x'.repeat(33) })).toBe('+[7,200,null,null,1,null]');
    expect(further({ upstreamStatus: 200 })).toBe('+[7,200]');
    expect(further({ upstreamStatus: 200, providerBatch: true })).toBe('+[7,200,null,null,null,null,true]');
    expect(further({ providerBatch: true, images: 2 })).toBe('+[7,null,null,null,2,null,true]');
    expect(further({})).toBeUndefined();
  });

  it('have what a call cost where a price says so, to the micro-unit, and never 0 in its place', () => {
    const begin = '["use_1","t","k","r","x","e","c","m",true,5]';
    const namesOf = (end: CallEnd) => {
      const values = JSON.parse(endedRecord(begin, end)) as unknown[];
      const of = (wanted: string): unknown => values[recordColumns.findIndex(({ name }) => name === wanted)];
      return [of('provider_batch') ?? null, of('cost') ?? null, of('charge') ?? null, of('currency') ?? null];
    };
    fc.assert(
      fc.property(anyEnd, fc.maxSafeNat(), fc.maxSafeNat(), (end, cost, charge) => {
        const batch = end.providerBatch === true ? true : null;
        expect(namesOf({ ...end, price: { cost, charge, currency: 'USD' } })).toEqual([batch, cost, charge, 'USD']);
        expect(namesOf({ ...end, price: undefined })).toEqual([batch, null, null, null]);
      }),
    );
  });

  it('have what budgets hold for a call, whatever else is said of it', () => {
    const place = recordColumns.findIndex(({ name }) => name === 'claims');
    fc.assert(
      fc.property(anyStart, anyEnd, anyClaims, (start, end, claims) => {
        const begin = beginText(start);
        for (const text of [endedRecord(begin, end, claims), interruptedRecord(begin, claims)]) {
          const values = JSON.parse(text) as unknown[];
          expect(isCall(values)).toBe(true);
          expect(values[place] ?? undefined).toBe(claims);
        }
      }),
    );
  });

  it('have what was written to a cache, and nothing where none was', () => {
    const place = recordColumns.findIndex(({ name }) => name === 'cache_write_tokens');
    expect(place).toBe(recordColumns.length - 1);
    fc.assert(
      fc.property(anyStart, anyEnd, anyClaims, (start, end, claims) => {
        const lengthOf = (cacheWriteTokens: number | undefined) => {
          const values = JSON.parse(endedRecord(beginText(start), { ...end, cacheWriteTokens }, claims)) as unknown[];
          expect(isCall(values)).toBe(true);
          expect(values[place]).toBe(
            cacheWriteTokens === undefined || whole(cacheWriteTokens) === 0 ? undefined : whole(cacheWriteTokens),
          );
          return values.length;
        };
        const former = lengthOf(undefined);
        expect(former).toBeLessThanOrEqual(place);
        expect([lengthOf(0), lengthOf(7)]).toEqual([former, recordColumns.length]);
        lengthOf(end.cacheWriteTokens);
      }),
    );
  });

  it('are never read from a part of a line', () => {
    fc.assert(
      fc.property(anyStart, anyEnd, fc.nat(), (start, end, cut) => {
        const [line = ''] = linesOf(endLine(beginText(start), end));
        expect(read([line.slice(0, cut % line.length)])).toBeUndefined();
      }),
    );
  });

  it('give a call that never ended the state interrupted, no tokens and the status 500', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const record = interruptedRecord(beginText(start));
        expect(isCall(JSON.parse(record) as unknown[])).toBe(true);
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
