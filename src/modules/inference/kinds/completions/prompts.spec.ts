import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../kernel/app-error.js';
import { findMember, readObject, type JsonBody } from '../../wire/json-body.js';
import { countPrompts, readPrompt } from './prompts.js';

function bodyOf(prompt: string): JsonBody {
  const body = readObject(Buffer.from(`{"prompt": ${prompt} }`));
  if (!body.ok) throw new Error(body.message);
  return body;
}

describe('the prompts of a legacy completion', () => {
  it.each([
    ['"a, b"', 1],
    ['[]', 1],
    ['[ ]', 1],
    ['["a,[", "b\\"]"]', 2],
    ['[ -1, 2, 3]', 1],
    ['[[1, 2], [3, 4],\n[5]]', 3],
    [`[${'[],'.repeat(1_000_000)}[]]`, 1_000_001],
  ])('are counted', (prompt, count) => {
    expect(countPrompts(bodyOf(prompt))).toBe(count);
  });

  it('are parsed up to a number of values only', () => {
    const read = (prompt: string): unknown => {
      const body = bodyOf(prompt);
      const member = findMember(body.scan, 'prompt');
      return member === undefined ? undefined : readPrompt(body, member);
    };
    expect(read('["a", "b"]')).toEqual(['a', 'b']);
    expect(() => read(`[${'"",'.repeat(40_000)}""]`)).toThrow(AppError);
  });
});
