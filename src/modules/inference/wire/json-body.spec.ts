import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../kernel/app-error.js';
import { choices, escapeAll, jsonObject, jsonValue, printSpaced, trickyText } from '../../../../test/support/json-arbitraries.js';
import { findMember, readBody, readMember, type JsonBody } from './json-body.js';

function refusal(bytes: Buffer): AppError {
  try {
    readBody(bytes);
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

  it('does not let a second model be smuggled in', () => {
    const body = readBody(Buffer.from('{"model":"allowed","mo\\u0064el":"forbidden","seed":12345678901234567890}'));
    expect(body.bytes.toString()).toBe('{"model":"forbidden","seed":12345678901234567890}');
    expect(valueOf(body, 'model')).toBe('forbidden');
    expect(body.parsed).toMatchObject({ model: 'forbidden' });
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'UTF-8'],
    ['an overlong slash', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]), 'UTF-8'],
    ['a NUL byte', Buffer.from('{"a":"\0"}'), 'NUL'],
    ['an array', Buffer.from('[]'), 'must be a JSON object'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a repeated name over a broken value', Buffer.from('{"a":[1,],"a":1}'), 'not valid JSON'],
    ['__proto__', Buffer.from('{"__proto__":{"admin":true}}'), '__proto__'],
    ['__proto__ in disguise', Buffer.from('{"__pro\\u0074o__":{"admin":true}}'), '__proto__'],
  ])('refuses %s as invalid_request', (_, bytes, part) => {
    const error = refusal(bytes);
    expect(error.body().error).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request' });
    expect(error.status).toBe(400);
    expect(error.message).toContain(part);
  });

  it('never reaches an object prototype, even with names that are parsed', () => {
    const body = readBody(Buffer.from('{"a":1,"a":{"__proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}}}'));
    expect(body.parsed).toBeDefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(body.parsed)).toBe(Object.prototype);
  });
});

describe('readMember', () => {
  it('names the member whose value is broken', () => {
    const body = readBody(Buffer.from('{"messages":[1 2]}'));
    expect(() => valueOf(body, 'messages')).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages' }));
  });

  it('refuses a string with a raw line end or a broken escape', () => {
    expect(() => valueOf(readBody(Buffer.from('{"model":"a\nb"}')), 'model')).toThrow(AppError);
    expect(() => valueOf(readBody(Buffer.from('{"model":"a\\qb"}')), 'model')).toThrow(AppError);
  });
});
