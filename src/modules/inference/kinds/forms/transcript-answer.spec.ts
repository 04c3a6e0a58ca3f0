import { describe, expect, it } from '@jest/globals';
import { TranscriptAnswer } from './transcript-answer.js';
import { TranscriptText } from './transcript-text.js';

const reply = (value: unknown) => new TranscriptAnswer('assistant').reply(Buffer.from(JSON.stringify(value)));

describe('what was heard as JSON', () => {
  it.each([
    [{ text: 'a', usage: { type: 'duration', seconds: 7 }, duration: 6.5 }, { audioSeconds: 7 }],
    [{ text: 'a', duration: 8.47 }, { audioSeconds: 8.47 }],
    [{ text: 'a', duration: '8.47' }, { audioSeconds: 8.47 }],
    [{ text: 'a', duration: 'long' }, undefined],
    [{ text: 'a', duration: -1 }, undefined],
    [{ text: '' }, undefined],
  ])('%j took %j', (value, measures) => {
    expect(reply(value).measures).toEqual(measures);
  });

  it('tells its tokens', () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    expect(reply({ text: 'a', usage }).tokens).toMatchObject({ inputTokens: 14, outputTokens: 45, totalTokens: 59 });
  });

  it('passes as it came, but for the name of the model', () => {
    const bytes = Buffer.from('{ "text":"a",  "duration":1.50 }');
    expect(new TranscriptAnswer('assistant').reply(bytes).bytes).toEqual(bytes);
    expect(reply({ text: 'a', model: 'whisper' }).bytes.toString()).toBe('{"text":"a","model":"assistant"}');
  });

  it.each([[{ error: { message: 'no' } }], [{ text: 5 }], [{}], ['text'], [[{ text: 'a' }]]])('%j is none', (value) => {
    expect(() => reply(value)).toThrow(expect.objectContaining({ code: 'upstream_error' }));
  });
});

describe('what was heard as a text', () => {
  const text = new TranscriptText();

  it.each([
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    ['text/vtt', 'text/vtt'],
    ['application/x-subrip', 'application/x-subrip'],
    ['', 'text/plain; charset=utf-8'],
  ])('of the type %j has the type %j', (given, told) => {
    expect(text.mediaType(given)).toBe(told);
  });

  it.each(['text/html', 'audio/mpeg', 'text/event-stream', 'text/plain\r\nx: y'])('is not of the type %j', (given) => {
    expect(() => text.mediaType(given)).toThrow(expect.objectContaining({ code: 'upstream_error' }));
  });

  it('may be empty, and is no error', () => {
    text.judge(Buffer.alloc(0));
    text.judge(Buffer.from('{"words": 1}'));
    expect(() => text.judge(Buffer.from('{"error": {"message": "no"}}'))).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    );
  });
});
