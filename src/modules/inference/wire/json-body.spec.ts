import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../kernel/app-error.js';
import { choices, escapeAll, jsonObject, jsonValue, printSpaced, trickyText } from '../../../../test/support/json-arbitraries.js';
import { findMember, readBody, readMember, type JsonBody } from './json-body.js';
import type { ScanOptions } from './json-scan.js';
import { WatchedNames } from './watched-names.js';

function refusal(bytes: Buffer, options: ScanOptions = {}): AppError {
  try {
    readBody(bytes, options);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

function valueOf(body: JsonBody, key: string): unknown {
  const member = findMember(body.scan, key);
  return member === undefined ? undefined : readMember(body.bytes, member);
}

describe('readBody', () => {
  it('leaves a body with one reading as it is, without parsing it', () => {
    fc.assert(
      fc.property(jsonObject(['model']), choices, (object, draws) => {
        const bytes = Buffer.from(printSpaced(object, draws));
        const body = readBody(bytes);
        for (const [key, value] of Object.entries(object)) expect(valueOf(body, key)).toEqual(value);
        if (Object.keys(object).every((key) => /^[^"\\\x00-\x1f]*$/.test(key))) {
          expect(body.bytes).toBe(bytes);
          expect(body.parsed).toBeUndefined();
        }
      }),
    );
  });

  it('writes a body with repeated or escaped names anew, so that every reader sees what JSON.parse sees', () => {
    const member = fc.tuple(fc.oneof(fc.constantFrom('model', 'a', 'b'), trickyText), jsonValue, fc.boolean());
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 6 }), (members) => {
        fc.pre(members.every(([key]) => key !== '__proto__'));
        const text = members.map(
          ([key, value, escape]) => `"${escape ? escapeAll(key) : JSON.stringify(key).slice(1, -1)}":${JSON.stringify(value)}`,
        );
        const original = `{${text.join(',')}}`;
        const body = readBody(Buffer.from(original));
        expect(JSON.parse(body.bytes.toString())).toEqual(JSON.parse(original));
        expect(body.scan.hasDuplicateKey).toBe(false);
        for (const key of new Set(members.map(([name]) => name))) {
          expect(valueOf(body, key)).toEqual((JSON.parse(original) as Record<string, unknown>)[key]);
        }
      }),
    );
  });

  it('lets very many values pass where nothing must be parsed', () => {
    const bytes = Buffer.from(`{"a":1,"b":[${'[],'.repeat(500_000)}1]}`);
    expect(readBody(bytes).bytes).toBe(bytes);
  });

  it('does not let a second model be smuggled in', () => {
    const body = readBody(Buffer.from('{"model":"allowed","mo\\u0064el":"forbidden","seed":12345678901234567890}'));
    expect(body.bytes.toString()).toBe('{"model":"forbidden","seed":12345678901234567890}');
    expect(valueOf(body, 'model')).toBe('forbidden');
    expect(body.parsed).toMatchObject({ model: 'forbidden' });
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'UTF-8'],
    ['an overlong slash', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]), 'UTF-8'],
    ['a NUL byte', Buffer.from('{"a":"\0"}'), 'control character'],
    ['a raw line end in a text', Buffer.from('{"a":[{"b":"one\ntwo"}]}'), 'control character'],
    ['a raw control character in a nested name', Buffer.from('{"a":{"\x01":1}}'), 'control character'],
    ['a raw tab far into a long text', Buffer.from(`{"a":"${'é'.repeat(5000)}\t${'x'.repeat(77)}"}`), 'control character'],
    ['an array', Buffer.from('[]'), 'must be a JSON object'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a repeated name over a broken value', Buffer.from('{"a":[1,],"a":1}'), 'not valid JSON'],
    ['a repeated name beside very many values', Buffer.from(`{"a":1,"a":1,"b":[${'[],'.repeat(500_000)}1]}`), '30000 values'],
    ['__proto__', Buffer.from('{"__proto__":{"admin":true}}'), '__proto__'],
    ['__proto__ in disguise', Buffer.from('{"__pro\\u0074o__":{"admin":true}}'), '__proto__'],
  ])('refuses %s as invalid_request', (_, bytes, part) => {
    const error = refusal(bytes);
    expect(error.body().error).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request' });
    expect(error.status).toBe(400);
    expect(error.message).toContain(part);
  });

  it('refuses a raw control character at whichever place, and none that stands for a blank or is escaped', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(0x1f), fc.nat(7), (before, after, control, skew) => {
        const text = (middle: string): Buffer =>
          Buffer.from(
            `{\n\t"a":\r\n ["${'é'.repeat(before)}${middle}${'~'.repeat(after)}"]}`.padStart(skew + before * 2 + after, '\n'),
          );
        const raw = String.fromCharCode(control);
        expect(refusal(text(raw)).code).toBe('invalid_request');
        expect(readBody(text(JSON.stringify(raw).slice(1, -1))).ok).toBe(true);
      }),
    );
  });

  it('passes over a byte order mark, also over one before repeated names', () => {
    expect(readBody(Buffer.from('\ufeff{"a":1}')).bytes.toString()).toBe('{"a":1}');
    expect(readBody(Buffer.from('\ufeff{"a":1,"a":2}')).bytes.toString()).toBe('{"a":2}');
    expect(refusal(Buffer.from('\ufeff\ufeff{"a":1}')).message).toContain('byte order mark');
  });

  it('never reaches an object prototype, even with names that are parsed', () => {
    const body = readBody(Buffer.from('{"a":1,"a":{"__proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}}}'));
    expect(body.parsed).toBeDefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(body.parsed)).toBe(Object.prototype);
  });
});

describe('readBody of messages', () => {
  const messages = { messages: 'messages' };

  it('refuses exactly what is no list of objects whose role is a string, whatever the blanks, and names the first of them', () => {
    const element = fc.oneof(
      jsonValue,
      fc.record({ role: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('user', '', 'r"') }, jsonValue), content: jsonValue }),
    );
    fc.assert(
      fc.property(fc.array(element, { maxLength: 4 }), choices, (list, draws) => {
        const bytes = Buffer.from(printSpaced({ a: [1], messages: list, b: {} }, draws));
        const first = list.findIndex((one) => typeof (one as { role?: unknown } | null)?.role !== 'string');
        if (first === -1) {
          const body = readBody(bytes, messages);
          expect(valueOf(body, 'messages')).toEqual(list);
          return;
        }
        const one = list[first];
        const place = typeof one === 'object' && one !== null && !Array.isArray(one) ? '.role' : '';
        expect(refusal(bytes, messages)).toMatchObject({ code: 'invalid_value', param: `messages[${first}]${place}` });
      }),
      { numRuns: 300 },
    );
  });

  it.each(['{"rol\\u0065":"user"}', '{"role":1,"role":"user"}', '{"content":{"role":2},"role":"user"}'])(
    'takes %s',
    (message) => {
      expect(readBody(Buffer.from(`{"messages":[${message}]}`), messages).ok).toBe(true);
    },
  );

  it.each(['{"role":"user","rol\\u0065":1}', '{"content":{"role":"user"}}'])('refuses %s', (message) => {
    expect(refusal(Buffer.from(`{"messages":[${message}]}`), messages).param).toBe('messages[0].role');
  });

  it.each([
    '[{"role":"user"}',
    '[{"role":"user"]',
    '[{"role":"user",}]',
    '[{"role":"user"},]',
    '[{"role":"user"} {"role":"user"}]',
    '[{"role" "user"}]',
    '[{"role":}]',
    '[{role:"user"}]',
    '[{"role":"user"',
    '[',
  ])('refuses %s as broken JSON', (list) => {
    expect(refusal(Buffer.from(`{"messages":${list}}`), messages).code).toBe('invalid_request');
    expect(refusal(Buffer.from(`{"messages":${list}`), messages).code).toBe('invalid_request');
  });

  it('counts how deep they nest from the top, and sees watched names in them', () => {
    const nested = (depth: number): Buffer =>
      Buffer.from(`{"messages":[{"role":"user","a":${'['.repeat(depth)}${']'.repeat(depth)}}]}`);
    expect(readBody(nested(253), messages).ok).toBe(true);
    expect(refusal(nested(254), messages).message).toContain('deeper than 256');
    const watch = new WatchedNames(['file_id']);
    const seen = (message: string): boolean =>
      readBody(Buffer.from(`{"messages":[{"role":"user",${message}}]}`), { ...messages, watch }).scan.watchedNameSeen;
    expect([seen('"file_id":1'), seen('"a":{"file_id":1}'), seen('"file\\u005fid":1'), seen('"file":1')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('readMember', () => {
  it('names the member whose value is broken', () => {
    const body = readBody(Buffer.from('{"messages":[1 2]}'));
    expect(() => valueOf(body, 'messages')).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages' }));
  });

  it('refuses a string with a broken escape', () => {
    expect(() => valueOf(readBody(Buffer.from('{"model":"a\\qb"}')), 'model')).toThrow(AppError);
  });
});
