import { describe, expect, it } from '@jest/globals';
import { printExact, readExact } from '../../../wire/exact-json.js';
import { responseRequestOf } from './response-request.js';

/** What a provider of Responses is asked for a chat with this length, as it is written. */
function lengthOf(name: string, written: string): string | undefined {
  const text = `{"model":"m","messages":[],"${name}":${written}}`;
  const chat = readExact(Buffer.from(text), JSON.parse(text)) as Record<string, unknown>;
  return /"max_output_tokens":([^,}]+)/.exec(printExact(responseRequestOf(chat)))?.[1];
}

describe.each(['max_tokens', 'max_completion_tokens'])('the length of an answer, asked for as %s', (name) => {
  it.each(['1', '15', '1.0', '1e0'])('is the shortest that Responses knows where %s is asked for', (written) => {
    expect(lengthOf(name, written)).toBe('16');
  });

  it.each(['16', '17', '4096', '16.0'])('stays %s', (written) => {
    expect(lengthOf(name, written)).toBe(written);
  });

  it.each(['0', '-1', '1.5', '"4"', 'true'])('goes on as %s, which no provider takes', (written) => {
    expect(lengthOf(name, written)).toBe(written);
  });

  it('is nobody’s where null is asked for', () => {
    expect(lengthOf(name, 'null')).toBeUndefined();
  });
});
