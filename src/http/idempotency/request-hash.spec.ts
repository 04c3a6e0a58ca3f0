import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyRequestHash, multipartRequestHash, type MultipartParts, type RequestHead } from './request-hash.js';

const head: RequestHead = {
  method: 'POST',
  routeId: 'datasets.files.create',
  params: { dataset_id: 'ds_1' },
  url: '/x?a=1&b=2',
  headers: {},
};
const body = Buffer.from('{"a":1}');
const parts: MultipartParts = { fields: { a: '1' }, files: [{ field: 'file', filename: 'a.pdf', sha256: 'ab' }] };
const differing: readonly [string, Partial<RequestHead>][] = [
  ['method', { method: 'DELETE' }],
  ['route', { routeId: 'conversations.create' }],
  ['object in the path', { params: { dataset_id: 'ds_2' } }],
  ['query', { url: '/x?a=1&b=3' }],
  ['order of a repeated name', { url: '/x?a=1&b=2&b=1' }],
  ['conversation in a header', { headers: { 'x-gt-conversation-id': 'conv_1' } }],
  ['agent in a header', { headers: { 'x-openclaw-agent-id': 'helper' } }],
];

describe('the hash of a request', () => {
  it.each(differing)('tells requests of another %s apart', (_what, change) => {
    expect(bodyRequestHash({ ...head, ...change }, body)).not.toBe(bodyRequestHash(head, body));
    expect(multipartRequestHash({ ...head, ...change }, parts)).not.toBe(multipartRequestHash(head, parts));
  });

  it.each<[string, Partial<RequestHead>]>([
    ['the order of its query', { url: '/x?b=2&a=1' }],
    ['the spelling of its query', { url: '/other?%61=1&b=%32' }],
    ['headers that choose nothing', { headers: { 'x-stainless-retry-count': '1', traceparent: '00-1' } }],
  ])('is the same whatever %s', (_what, change) => {
    expect(bodyRequestHash({ ...head, ...change }, body)).toBe(bodyRequestHash(head, body));
  });

  it('tells any two bodies apart', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(bodyRequestHash(head, one) === bodyRequestHash(head, other)).toBe(Buffer.from(one).equals(Buffer.from(other)));
      }),
    );
  });
});

const name = fc.constantFrom('a', 'b', 'c');
const file = fc.record({ field: name, filename: fc.string({ maxLength: 3 }), sha256: fc.constantFrom('11', '22') });
const upload = fc.record({
  fields: fc.dictionary(name, fc.oneof(fc.string({ maxLength: 3 }), fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }))),
  files: fc.array(file, { maxLength: 3 }),
});

/** What the hash must tell apart, in plain words: for each name its values in order. */
function meaning({ fields, files }: MultipartParts): string {
  const named = (entries: readonly (readonly [string, unknown])[]) =>
    ['a', 'b', 'c'].map((wanted) => entries.filter(([given]) => given === wanted).map(([, value]) => value));
  return JSON.stringify([
    ['a', 'b', 'c'].map((wanted) => fields[wanted] ?? null),
    named(files.map(({ field: given, filename, sha256 }) => [given, [filename, sha256]])),
  ]);
}

describe('the hash of an upload', () => {
  it('is the same for the same fields and files, and for no others', () => {
    fc.assert(
      fc.property(upload, upload, (one, other) => {
        expect(multipartRequestHash(head, one) === multipartRequestHash(head, other)).toBe(meaning(one) === meaning(other));
      }),
    );
  });

  it('does not hang on the order in which differently named parts come', () => {
    fc.assert(
      fc.property(upload, (given) => {
        const turned = Object.fromEntries(Object.entries(given.fields).reverse());
        expect(multipartRequestHash(head, { ...given, fields: turned })).toBe(multipartRequestHash(head, given));
      }),
    );
  });
});
