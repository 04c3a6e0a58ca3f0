import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../kernel/app-error.js';
import { parseBody, parseQuery } from './parse-input.js';

const anything = z.looseObject({});
const requestWith = (part: Partial<Pick<FastifyRequest, 'body' | 'query'>>): FastifyRequest => part as FastifyRequest;

/** Texts of backslashes, of what an escape is made of, and of NUL itself: most hold none. */
const text = fc.string({ unit: fc.constantFrom('\\', '\\u0000', 'u0000', 'a', '"', '\0'), maxLength: 6 });
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const object = fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true });

/** Told apart from the code under test: every text of the value, its names too. */
function texts(given: unknown): string[] {
  if (typeof given === 'string') return [given];
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, member]) => [name, ...texts(member)]);
}

function refusalOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('input of our own routes', () => {
  it('is refused exactly when a text or a name in it holds NUL, however it is written', () => {
    fc.assert(
      fc.property(object, (given) => {
        const expected = texts(given).some((each) => each.includes('\0')) ? 'invalid_value' : undefined;
        const body = Buffer.from(JSON.stringify(given));
        expect(refusalOf(() => parseBody(requestWith({ body }), anything))).toBe(expected);
        expect(refusalOf(() => parseQuery(requestWith({ query: given }), anything))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['the text of an escape', String.raw`{"name":"\\u0000"}`, { name: '\\u0000' }],
    ['an escaped backslash before digits', String.raw`{"name":"a\\\\u0000b"}`, { name: 'a\\\\u0000b' }],
  ])('keeps %s as it is', (_what, body, expected) => {
    expect(parseBody(requestWith({ body: Buffer.from(body) }), anything)).toEqual(expected);
  });

  it.each([
    ['a text', z.object({ a: z.string() })],
    ['one of several forms', z.object({ a: z.union([z.string(), z.number()]) })],
    ['one of several values', z.object({ a: z.enum(['x', 'y']) })],
    ['one value', z.object({ a: z.literal('x') })],
  ])('says that a field is missing that takes %s', (_what, schema) => {
    expect(refusalOf(() => parseBody(requestWith({ body: Buffer.from('{}') }), schema))).toBe('missing_required_parameter');
  });

  it('is refused when it holds more values than any form needs, before they are parsed', () => {
    const body = (values: number): Buffer => Buffer.from(`{"a":[${'[],'.repeat(values)}1]}`);
    expect(refusalOf(() => parseBody(requestWith({ body: body(9_000) }), anything))).toBeUndefined();
    expect(refusalOf(() => parseBody(requestWith({ body: body(6_000_000) }), anything))).toBe('invalid_request');
  });
});
