import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readProviderLine } from './provider-line.js';

const read = (line: unknown) => readProviderLine(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)));
const answered = { id: 'x', custom_id: '7', response: { status_code: 200, request_id: 'r', body: { a: 1 } }, error: null };

describe("a line of a provider's file", () => {
  it('gives the bytes of the answer as they stand there, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 1, max: 999_999 }), (body, number) => {
        const json = JSON.stringify(body);
        const line = `{"custom_id":"${number}","response":{"body": ${json} ,"status_code":201},"error":null}`;
        const found = read(line);
        expect([found?.number, found?.answer?.status, found?.answer?.body.toString('utf8')]).toEqual([number, 201, json]);
      }),
    );
  });

  it('keeps numbers that no number here could hold', () => {
    expect(
      read('{"custom_id":"1","response":{"status_code":200,"body":{"n":12345678901234567890.10}}}')?.answer?.body.toString(),
    ).toBe('{"n":12345678901234567890.10}');
  });

  it('tells in which word a request was not made', () => {
    const found = read({ custom_id: '3', response: null, error: { code: 'batch_expired', message: 'No.' } });
    expect(found).toEqual({ number: 3, answer: undefined, code: 'batch_expired' });
  });

  it.each([
    ['no JSON', '{"custom_id":'],
    ['no object', '[1]'],
    ['of a name that is no number', { ...answered, custom_id: 'seven' }],
    ['of no name', { ...answered, custom_id: undefined }],
    ['of zero', { ...answered, custom_id: '0' }],
  ])('%s is none', (_what, line) => {
    expect(read(line)).toBeUndefined();
  });

  it.each([
    ['without a status', { ...answered, response: { body: {} } }],
    ['with a status that is none', { ...answered, response: { status_code: 'ok', body: {} } }],
    ['with an unfinished status', { ...answered, response: { status_code: 101, body: {} } }],
    ['without a body', { ...answered, response: { status_code: 200 } }],
    ['with a list in place of the response', { ...answered, response: [] }],
  ])('%s has no answer', (_what, line) => {
    expect(read(line)).toMatchObject({ number: 7, answer: undefined });
  });
});
