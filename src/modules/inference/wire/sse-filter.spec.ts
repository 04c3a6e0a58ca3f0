import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chatStream } from '../../../../test/support/chat-stream-arbitraries.js';
import { reference, type Json } from '../../../../test/support/chat-stream-reference.js';
import { ChatStreamFilter, type ChatStreamFilterOptions } from './sse-filter.js';
import type { UsageTokens } from './usage-tokens.js';

const plain: ChatStreamFilterOptions = { publishedName: 'assistant', usageAsked: false, choices: 1, maxEventBytes: 1_000_000 };

interface Run {
  readonly text: string;
  readonly complete: boolean;
  readonly reason: string | undefined;
  readonly usage: UsageTokens | null;
  readonly finished: boolean;
  readonly sawDone: boolean;
  readonly firstEventSeen: boolean;
  readonly error: unknown;
}

function run(bytes: Buffer, cuts: readonly number[], options: ChatStreamFilterOptions): Run {
  const filter = new ChatStreamFilter(options);
  const sent: Buffer[] = [];
  let from = 0;
  for (let turn = 0; from < bytes.length; turn++) {
    const size = cuts.length === 0 ? bytes.length : (cuts[turn % cuts.length] ?? 1);
    // A copy of each chunk: what is sent must not depend on buffers that lie side by side.
    const part = filter.push(Buffer.from(bytes.subarray(from, from + size)));
    if (part !== null) sent.push(part);
    from += size;
  }
  const { complete, tail, reason } = filter.end();
  if (tail !== null) sent.push(tail);
  const { usage, finished, sawDone, firstEventSeen, error } = filter;
  return { text: Buffer.concat(sent).toString(), complete, reason, usage, finished, sawDone, firstEventSeen, error };
}

const runText = (text: string, options: Partial<ChatStreamFilterOptions> = {}, cuts: readonly number[] = []): Run =>
  run(Buffer.from(text), cuts, { ...plain, ...options });

function eventsOf(text: string): Json[] {
  const blocks = text.split('\n\n');
  expect(blocks.pop()).toBe('');
  return blocks.map((block) => {
    expect(block).toMatch(/^data:[^\n\r]*$/);
    return JSON.parse(block.slice(5)) as Json;
  });
}

const anyOptions = fc.record({
  publishedName: fc.constantFrom('assistant', 'provider-x', 'né"w\\'),
  usageAsked: fc.boolean(),
  choices: fc.constantFrom(1, 1, 2),
  maxEventBytes: fc.constant(1_000_000),
});

describe('ChatStreamFilter', () => {
  it('does the same whatever the chunk borders', () => {
    fc.assert(
      fc.property(
        chatStream,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        anyOptions,
        (text, cuts, options) => {
          const bytes = Buffer.from(text);
          const whole = run(bytes, [], options);
          expect(run(bytes, cuts, options)).toEqual(whole);
          expect(run(bytes, [1], options)).toEqual(whole);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('sends what a reader that parses every event would send', () => {
    let whole = 0;
    fc.assert(
      fc.property(chatStream, anyOptions, (text, options) => {
        const expected = reference(text, options);
        const actual = run(Buffer.from(text), [], options);
        expect(eventsOf(actual.text)).toEqual(expected.events);
        expect(actual).toMatchObject({ complete: expected.complete, usage: expected.usage });
        expect(actual.error !== null).toBe(expected.failed);
        if (actual.complete) whole++;
      }),
      { numRuns: 2000 },
    );
    expect(whole).toBeGreaterThan(100);
  });

  const delta = (content: string, extra = ''): string =>
    `data: {"id":"c1","object":"chat.completion.chunk","model":"provider-x","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]${extra}}\n\n`;
  const last =
    'data: {"id":"c1","object":"chat.completion.chunk","model":"provider-x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
  const usageChunk =
    'data: {"id":"c1","model":"provider-x","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n';
  const done = 'data: [DONE]\n\n';
  const published = (text: string): string => text.replaceAll('"model":"provider-x"', '"model":"assistant"');

  it('replaces the model and keeps all other bytes, withholding the unasked usage chunk and [DONE]', () => {
    const text = delta('a') + delta('say "model":"provider-x"') + last;
    const result = runText(text + usageChunk + done);
    expect(result.text).toBe(published(text));
    expect(result).toMatchObject({
      complete: true,
      reason: undefined,
      sawDone: true,
      finished: true,
      firstEventSeen: true,
      error: null,
    });
    expect(result.usage).toMatchObject({ inputTokens: 3, outputTokens: 4, totalTokens: 7 });
  });

  it('sends usage to the client that asked', () => {
    const text = delta('a', ',"usage":null') + last + usageChunk;
    expect(runText(text + done, { usageAsked: true }).text).toBe(published(text));
  });

  it('takes unasked usage out of an event that carries text', () => {
    const result = runText(delta('a', ', "usage": {"prompt_tokens":1,"completion_tokens":2}') + last);
    expect(result.text).toBe(published(delta('a') + last));
    expect(result.usage).toMatchObject({ inputTokens: 1, outputTokens: 2 });
  });

  it('hands the chunk itself on when nothing changes', () => {
    const filter = new ChatStreamFilter({ ...plain, publishedName: 'provider-x' });
    const chunk = Buffer.from(delta('a') + delta('b'));
    const sent = filter.push(chunk);
    expect(sent?.buffer).toBe(chunk.buffer);
    expect(sent?.byteOffset).toBe(chunk.byteOffset);
    expect(sent?.length).toBe(chunk.length);
  });

  it('sends an event with the byte that completes it, not later', () => {
    const filter = new ChatStreamFilter(plain);
    const bytes = Buffer.from(delta('é😀'));
    for (let at = 0; at < bytes.length - 1; at++) expect(filter.push(bytes.subarray(at, at + 1))).toBeNull();
    expect(filter.push(bytes.subarray(bytes.length - 1))?.toString()).toBe(published(delta('é😀')));
  });

  it('never calls a stream that was cut anywhere whole before its finish_reason', () => {
    const text = delta('a') + delta('b') + last;
    const decided = text.lastIndexOf('}') + 1;
    for (let length = 0; length < text.length; length++) {
      const result = runText(text.slice(0, length));
      expect(result.complete).toBe(length >= decided);
      if (length < decided) expect(result.reason).toBe('truncated');
    }
  });

  it('is not whole on [DONE] alone, nor with one of two choices', () => {
    expect(runText(delta('a') + done)).toMatchObject({ complete: false, reason: 'truncated', sawDone: true });
    expect(runText(last + last, { choices: 2 })).toMatchObject({ complete: false, finished: false });
    expect(runText(last + last.replace('"index":0', '"index":1'), { choices: 2 })).toMatchObject({
      complete: true,
      finished: true,
    });
    expect(runText(last + done, { choices: 2 }).complete).toBe(true);
    expect(runText(last.replace('"stop"', '""'), {}).complete).toBe(false);
    expect(runText(delta('"finish_reason":"stop"')).complete).toBe(false);
  });

  it('does not need the provider to write [DONE], nor the last blank line', () => {
    expect(runText(delta('a') + last).complete).toBe(true);
    const result = runText(delta('a') + last.trimEnd());
    expect(result).toMatchObject({ complete: true });
    expect(result.text).toBe(published(delta('a') + last));
    expect(runText(last + 'data: [DONE]')).toMatchObject({ sawDone: true, text: published(last) });
  });

  it.each([
    [
      'an error event',
      'data: {"error":{"message":"key sk-1 at host h","code":500}}\n\n',
      { message: 'key sk-1 at host h', code: 500 },
    ],
    [
      'an error beside choices',
      'data: {"id":"c1","choices":[{"delta":{},"finish_reason":"error"}],"error":{"code":502}}\n\n',
      { code: 502 },
    ],
    ['an object named error', 'data: {"object":"error","message":"m"}\n\n', { object: 'error', message: 'm' }],
    ['an event named error', 'event: error\ndata: {"message":"m"}\n\n', { message: 'm' }],
    ['an error line', 'error: {"code":500,"message":"m"}\n\n', { code: 500, message: 'm' }],
    ['an error text', 'data: {"error":"overloaded"}\r\n\r\n', 'overloaded'],
  ])('withholds %s and all that follows, and is not whole', (_, event, provider) => {
    const result = runText(delta('a') + last + event + delta('b') + done);
    expect(result.text).toBe(published(delta('a') + last));
    expect(result).toMatchObject({ complete: false, reason: 'provider_error', error: { reason: 'provider_error', provider } });
  });

  it('stops at an event that is no closed JSON object', () => {
    const result = runText(delta('a') + 'data: {"id":"c1","choices":[{"delta":{"content":"b\n\n' + last);
    expect(result.text).toBe(published(delta('a')));
    expect(result).toMatchObject({ complete: false, reason: 'malformed_event' });
  });

  const many = `[${'[],'.repeat(60_000)}[]]`;

  it.each([
    ['finishes a choice', `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x":${many}}\n\n`],
    ['holds usage', `data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"x":${many}}}\n\n`],
    ['tells an error', `data: {"error":${many}}\n\n`],
    ['has a choice with an error', `data: {"choices":[{"error":${many}}]}\n\n`],
    ['is named an error', `event: error\ndata: {"x":${many}}\n\n`],
  ])('stops, without parsing it, at an event of very many values that %s', (_, event) => {
    const result = runText(delta('a') + event + last);
    expect(result.text).toBe(published(delta('a')));
    expect(result).toMatchObject({ complete: false, error: { reason: 'malformed_event', provider: null } });
  });

  it('drops comments, empty events and what is no JSON object', () => {
    const noise = ': ping\n\n:\n\ndata:\n\ndata: \n\nevent: ping\n\nretry: 5\n\ndata: hello\n\n\n\n';
    const result = runText(noise + delta('a') + ': ping\n' + last + noise);
    expect(result.text).toBe(published(delta('a') + last));
    expect(runText(noise).firstEventSeen).toBe(false);
  });

  it('makes one data line of events in other forms', () => {
    const text = 'event: message\r\nid: 1\r\ndata: {"model":\r\ndata:  "provider-x",\r\ndata: "choices":[]}\r\n\r\n';
    for (const cuts of [[], [1], [7]])
      expect(runText(text, {}, cuts).text).toBe('data: {"model":  "assistant", "choices":[]}\n\n');
  });

  it('handles a model name that changes, is empty or needs escapes', () => {
    const names = ['', 'provider-x', 'other', 'a\\"b', 'provider-x'];
    const text = names.map((name) => delta('a').replace('"provider-x"', JSON.stringify(name))).join('');
    expect(runText(text, { publishedName: 'n"é' }).text).toBe(
      names.map(() => delta('a').replace('"provider-x"', '"n\\"é"')).join(''),
    );
  });

  it('refuses an event over the limit, ended or not, and sends what came before', () => {
    const long = delta('x'.repeat(500));
    for (const cuts of [[], [50]]) {
      expect(runText(delta('a') + long, { maxEventBytes: long.length - 2 }, cuts)).toMatchObject({
        error: { reason: 'event_too_large' },
      });
      expect(runText(delta('a') + long, { maxEventBytes: long.length - 1 }, cuts)).toMatchObject({ error: null });
      const open = runText(delta('a') + 'data: {"x":"' + 'y'.repeat(10_000), { maxEventBytes: 1000 }, cuts);
      expect(open).toMatchObject({ text: published(delta('a')), complete: false, reason: 'event_too_large' });
    }
  });

  it('copies a huge event a bounded number of times however it is cut', () => {
    const filter = new ChatStreamFilter({ ...plain, maxEventBytes: 30_000_000 });
    const huge = Buffer.from(delta('z'.repeat(10_000_000)));
    let sent = 0;
    for (let at = 0; at < huge.length; at += 1024) sent += filter.push(huge.subarray(at, at + 1024))?.length ?? 0;
    expect(sent).toBe(huge.length - 'provider-x'.length + 'assistant'.length);
  });
});
