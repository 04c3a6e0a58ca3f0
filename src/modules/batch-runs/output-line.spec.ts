import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answeredBytes, answeredLine } from './output-line.js';

const json = fc.tuple(fc.json(), fc.constantFrom('', '\n', '\r\n', ' ')).map(([text, gap]) => `{${gap}"a":${gap}${text}${gap}}`);

describe('the line of an answer', () => {
  it('is the same in bytes, and holds the body in one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), json, (customId, body) => {
        const told = { status: 200, requestId: 'req_1' };
        const text = answeredLine(customId, { ...told, body });
        const bytes = answeredBytes(customId, { ...told, body: Buffer.from(body) }).toString('utf8');
        const own = /^\{"id":"batch_req_\w+"/;
        expect(bytes.replace(own, '')).toBe(text.replace(own, ''));
        expect(bytes).not.toMatch(/[\r\n]/);
        expect((JSON.parse(bytes) as { response: { body: unknown } }).response.body).toEqual(JSON.parse(body));
      }),
    );
  });

  it('has replacements for what is no UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const line = answeredBytes('one', { status: 200, requestId: 'req_1', body }).toString('utf8');
    expect(JSON.parse(line)).toMatchObject({ custom_id: 'one', response: { body: { a: '\uFFFD\uFFFD' } } });
  });
});
