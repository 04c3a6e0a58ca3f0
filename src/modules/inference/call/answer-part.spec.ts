import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../kernel/app-error.js';
import { AnswerPart, eventPart } from './answer-part.js';

describe('AnswerPart', () => {
  it('says what an event or a reply holds, and nothing of what is no JSON', () => {
    const text = 'x'.repeat(4_000_000);
    expect(eventPart(Buffer.from(JSON.stringify({ text }))).value).toEqual({ text });
    expect(new AnswerPart(Buffer.from('{"a":[1,2]}')).value).toEqual({ a: [1, 2] });
    expect(new AnswerPart(Buffer.from('{"a":')).value).toBeUndefined();
  });

  it('refuses to parse very many values in one step', () => {
    const part = new AnswerPart(Buffer.from(`{"a":[${'[],'.repeat(1_000_000)}1]}`));
    expect(() => part.value).toThrow(AppError);
  });
});
