import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readToldError } from './provider-sentence.js';

const read = (body: unknown) => readToldError(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

describe("a provider's refusal", () => {
  it.each<[string, unknown, object]>([
    [
      'OpenAI',
      { error: { message: 'Too long.', type: 't', param: 'messages', code: 'c' } },
      { message: 'Too long.', type: 't', param: 'messages', code: 'c' },
    ],
    [
      'Gemini',
      [{ error: { code: 400, message: 'Unknown name "x".', status: 'INVALID_ARGUMENT' } }],
      { message: 'Unknown name "x".', code: 'INVALID_ARGUMENT' },
    ],
    ['FastAPI, a text', { detail: 'Too long.' }, { message: 'Too long.' }],
    [
      'FastAPI, one fault',
      { detail: [{ loc: ['body', 'messages', 0, 'content'], msg: 'Input should be a string', type: 'string_type' }] },
      { message: 'Input should be a string', param: 'messages[0].content' },
    ],
    [
      'FastAPI, several faults',
      {
        detail: [
          { loc: ['body', 'n'], msg: 'too big' },
          { loc: ['body', 'top_p'], msg: 'too small' },
        ],
      },
      { message: 'n: too big; top_p: too small', param: 'n' },
    ],
    [
      'Mistral',
      {
        object: 'error',
        message: { detail: [{ loc: ['body', 'n'], msg: 'Input should be 1' }] },
        type: 'invalid',
        param: null,
        code: '3051',
      },
      { message: 'Input should be 1', param: 'n', code: '3051' },
    ],
    ['Mistral, a text', { object: 'error', message: 'No such model.', code: 1500 }, { message: 'No such model.', code: '1500' }],
    ['a list of errors', { errors: [{ message: 'bad schema', code: 8007 }] }, { message: 'bad schema', code: '8007' }],
    ['a list of texts', { errors: ['one', 'two'] }, { message: 'one; two' }],
    ['an error that is a text', { error: 'Too long.', error_type: 'Validation' }, { message: 'Too long.' }],
    [
      'an error that says less than the message beside it',
      { error: 'Bad Request', message: 'n is too big', statusCode: 400 },
      { message: 'n is too big' },
    ],
    ['plain text', 'context too long\n', { message: 'context too long' }],
    ['a JSON text', '"context too long"', { message: 'context too long' }],
  ])('in the form of %s is read', (_form, body, expected) => {
    expect(read(body)).toMatchObject(expected);
  });

  it.each(['', '<html><body>Bad Request</body></html>', '{"error":', '[', 'null', '{}', '{"error":null}', '\0\0'])(
    'that is %j tells nothing',
    (body) => {
      expect(read(body).message).toBeUndefined();
    },
  );

  it('is never a fault, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (body) => {
        expect(['string', 'undefined']).toContain(typeof read(body).message);
      }),
    );
    expect(read('['.repeat(100_000)).message).toBeUndefined();
    expect(read(`${'{"error":'.repeat(500)}"deep"${'}'.repeat(500)}`).message).toBeUndefined();
  });
});
