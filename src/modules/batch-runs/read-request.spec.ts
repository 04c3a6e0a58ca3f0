import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../kernel/fields.js';
import { batchLines } from '../files/judging/line-judges.js';
import { readRequest } from './read-request.js';

const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
const line = (further: object = {}): object => ({
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body,
  ...further,
});
const read = (value: unknown) =>
  readRequest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), '/v1/chat/completions');

describe('a line of the input', () => {
  it('is read wherever its file was judged good', () => {
    const id = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.constantFrom('\0', '\ud800', '漢'.repeat(300), 'x'.repeat(513)),
    );
    fc.assert(
      fc.property(id, fc.constantFrom('POST', 'post'), fc.string(), (customId, method, url) => {
        const text = JSON.stringify(line({ custom_id: customId, method, url }));
        const fault = batchLines()(JSON.parse(text) as Fields, 1);
        if (fault === undefined) expect(read(text)).toMatchObject({ customId });
        else if (fault.includes('custom_id')) expect(read(text)).toMatchObject({ param: 'custom_id' });
      }),
    );
  });

  it('gives the bytes of its body as they stand there, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', ' ', '  '), (members, space) => {
        const text = `{"custom_id":"a",${space}"body":${space}${JSON.stringify(members)}${space},"method":"POST","url":"/v1/embeddings"}`;
        const bytes = Buffer.from(text);
        const found = readRequest(bytes, '/v1/embeddings');
        if ('code' in found) throw new Error(found.message);
        const { bodyStart, bodyBytes } = found;
        expect(bytes.toString('utf8', bodyStart, bodyStart + bodyBytes)).toBe(JSON.stringify(members));
      }),
    );
  });

  it.each([
    ['no JSON', '{"custom_id":', 'invalid_json_line', null],
    ['a list', [line()], 'invalid_json_line', null],
    [
      'broken within',
      '{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"a":[1,,2]}}',
      'invalid_json_line',
      null,
    ],
    ['without custom_id', line({ custom_id: undefined }), 'missing_required_parameter', 'custom_id'],
    ['with an empty custom_id', line({ custom_id: '' }), 'invalid_value', 'custom_id'],
    ['with a number for custom_id', line({ custom_id: 1 }), 'invalid_value', 'custom_id'],
    ['with NUL in its custom_id', line({ custom_id: 'a\0' }), 'invalid_value', 'custom_id'],
    ['with a long custom_id', line({ custom_id: 'a'.repeat(513) }), 'invalid_value', 'custom_id'],
    ['of another method', line({ method: 'GET' }), 'invalid_value', 'method'],
    ['without url', line({ url: undefined }), 'missing_required_parameter', 'url'],
    ['without body', line({ body: undefined }), 'missing_required_parameter', 'body'],
    ['with a text for its body', line({ body: 'x' }), 'invalid_value', 'body'],
  ])('%s is a fault of the input', (_what, value, code, param) => {
    expect(read(value)).toMatchObject({ code, param });
  });

  it.each([
    ['stream', line({ body: { ...body, stream: true } })],
    ['background', line({ body: { ...body, background: true } })],
    ['conversation', line({ body: { ...body, conversation: 'conv_1' } })],
    ['previous_response_id', line({ body: { ...body, previous_response_id: 'resp_1' } })],
    ['url', line({ url: '/v1/embeddings' })],
    ['url', line({ url: 'https://api.example.com/v1/chat/completions' })],
  ])('that asks for what no batch does is refused alone: %s', (param, value) => {
    expect(read(value)).toMatchObject({ customId: 'a', refusal: { param, status: 400 } });
  });

  it.each(['/v1/chat/completions', '/chat/completions', '/api/tenant/v1/chat/completions', '/api/tenant/chat/completions'])(
    'may say where it goes as %s',
    (url) => {
      expect(read(line({ url }))).toMatchObject({ customId: 'a', refusal: undefined });
    },
  );

  it('may say that it wants none of what no batch does', () => {
    const plain = { ...body, stream: false, background: null, conversation: null, previous_response_id: null };
    expect(read(line({ body: plain }))).toMatchObject({ refusal: undefined });
  });
});
