import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../../kernel/app-error.js';
import { findMember, readMember, readObject } from '../../../wire/json-body.js';
import { onePrompt } from './one-prompt.js';

function read(prompt: string): unknown {
  const body = readObject(Buffer.from(`{"prompt": ${prompt} }`));
  const member = body.ok ? findMember(body.scan, 'prompt') : undefined;
  if (!body.ok || member === undefined) throw new Error('no body');
  try {
    return readMember(body.bytes, onePrompt(body, member));
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
}

describe('the one prompt that a chat can be asked', () => {
  it.each([
    ['"a, b"', 'a, b'],
    ['[ "a\\"]," ]', 'a"],'],
    ['""', ''],
    ['"\\x"', 'invalid_request'],
    ['[ ]', 'invalid_value'],
    ['["a", "b"]', 'unsupported_parameter'],
    ['["a", 1]', 'unsupported_parameter'],
    ['[1]', 'unsupported_parameter'],
    ['[["a"]]', 'unsupported_parameter'],
    ['[null]', 'unsupported_parameter'],
  ])('%s is %s', (prompt, told) => {
    expect(read(prompt)).toBe(told);
  });
});
