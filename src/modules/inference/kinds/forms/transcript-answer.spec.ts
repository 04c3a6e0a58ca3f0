import { describe, expect, it } from '@jest/globals';
import { dataLines } from '../../../../../test/support/relay.js';
import { TranscriptAnswer } from './transcript-answer.js';
import { TranscriptText } from './transcript-text.js';

const unknown = () => undefined;
const read = (bytes: Buffer, sent: () => number | undefined = unknown) => new TranscriptAnswer('assistant', sent).reply(bytes);
const reply = (value: unknown) => read(Buffer.from(JSON.stringify(value)));

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

  it('took as long as the sound that was sent where its provider tells nothing', () => {
    expect(read(Buffer.from('{"text":"a"}'), () => 3).measures).toEqual({ audioSeconds: 3 });
    expect(read(Buffer.from('{"text":"a","duration":2}'), () => 3).measures).toEqual({ audioSeconds: 2 });
  });

  it('in one piece says its text in a stream too, and then the whole', () => {
    const events = new TranscriptAnswer('assistant', unknown).eventsOf(Buffer.from('{"text":"a"}')).toString();
    expect(dataLines(events).map((line) => JSON.parse(line) as unknown)).toEqual([
      { type: 'transcript.text.delta', delta: 'a' },
      { type: 'transcript.text.done', text: 'a' },
    ]);
  });

  it('tells its tokens', () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    expect(reply({ text: 'a', usage }).tokens).toMatchObject({ inputTokens: 14, outputTokens: 45, totalTokens: 59 });
  });

  it('passes as it came, but for the name of the model', () => {
    const bytes = Buffer.from('{ "text":"a",  "duration":1.50 }');
    expect(read(bytes).bytes).toEqual(bytes);
    expect(reply({ text: 'a', model: 'whisper' }).bytes.toString()).toBe('{"text":"a","model":"assistant"}');
  });

  it.each([[{ error: { message: 'no' } }], [{ text: 5 }], [{}], ['text'], [[{ text: 'a' }]]])('%j is none', (value) => {
    expect(() => reply(value)).toThrow(expect.objectContaining({ code: 'upstream_error' }));
  });
});

describe('what was heard as a text', () => {
  const text = new TranscriptText('text', unknown);

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

  const subtitles = (format: string, said: string, cut = said.length) => {
    const heard = new TranscriptText(format, () => 99);
    for (let at = 0; at < said.length; at += cut) heard.take(Buffer.from(said.slice(at, at + cut)));
    return heard.measures?.audioSeconds;
  };
  const srt = '1\n00:00:00,000 --> 00:00:02,500\nHi\n\n2\n00:00:02,500 --> 01:00:04,250\nYou\n';

  it.each([
    ['the last times of SubRip', 'srt', srt, 3_604.25],
    ['those of WebVTT, with a place', 'vtt', 'WEBVTT\n\n00:01.000 --> 01:02.500 line:0\nHi\n', 62.5],
    ['those before very long words', 'srt', srt + 'word '.repeat(1_000), 3_604.25],
    ['those of the sound that was sent where there are none', 'vtt', 'WEBVTT\n', 99],
    ['those of the sound that was sent in a text, whatever it says', 'text', srt, 99],
  ])('took %s', (_what, format, said, seconds) => {
    for (const cut of [said.length, 7, 1]) expect(subtitles(format, said, cut)).toBe(seconds);
  });

  it('keeps little of it', () => {
    expect(subtitles('srt', `${srt}\n${'word '.repeat(1_000_000)}`)).toBe(99);
  });
});
