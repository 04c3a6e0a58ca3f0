import { describe, expect, it } from '@jest/globals';
import { askedParam, askedWords, type MemberName } from './member-names.js';

const names: readonly MemberName[] = [
  { sent: 'max_completion_tokens', asked: 'max_output_tokens' },
  { sent: 'response_format.json_schema', asked: 'text.format' },
  { sent: 'messages', asked: 'input' },
];

describe('what a provider says of a request that was said anew', () => {
  it.each([
    ['max_completion_tokens', 'max_output_tokens'],
    ['response_format.json_schema.schema', 'text.format.schema'],
    ['messages_of_mine', 'messages_of_mine'],
    ['temperature', 'temperature'],
  ])('names %s as %s', (told, asked) => {
    expect(askedParam(told, names)).toBe(asked);
  });

  it.each([
    ["Invalid 'max_completion_tokens': 0 is too small.", "Invalid 'max_output_tokens': 0 is too small."],
    ['max_completion_tokens must be positive.', 'max_output_tokens must be positive.'],
    ['All messages are too long: my_max_completion_tokens', 'All messages are too long: my_max_completion_tokens'],
    ["Missing 'messages'", "Missing 'input'"],
  ])('%s becomes %s', (told, asked) => {
    expect(askedWords(told, names)).toBe(asked);
  });
});
