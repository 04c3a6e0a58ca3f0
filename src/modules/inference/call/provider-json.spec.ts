import { describe, expect, it } from '@jest/globals';
import { providerObject } from './provider-json.js';

const object = (text: string): unknown => providerObject(Buffer.from(text));

describe('an object of a provider', () => {
  it.each(['{"a":1}', '  {"a":1}', '\t\r\n {"a":1} \n', '\ufeff{"a":1}', ' \ufeff {"a":1}'])('is read in %j', (text) => {
    expect(object(text)).toEqual({ a: 1 });
  });

  it.each(['', ' ', '[DONE]', '[{"a":1}]', '"{"', 'data: {}', '\u000b{"a":1}'])('is none in %j', (text) => {
    expect(object(text)).toBeUndefined();
  });

  it.each(['{', ' {"a":1', '{"a":1}}', '{a:1}'])('cannot be read in %j', (text) => {
    expect(() => object(text)).toThrow(expect.objectContaining({ code: 'upstream_error' }));
  });
});
