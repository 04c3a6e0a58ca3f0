import { describe, expect, it } from '@jest/globals';
import { AnswerPart, eventPart } from '../../call/answer-part.js';
import { KeptChat } from './kept-chat.js';

const request = {
  metadata: { a: 'b' },
  messages: ['{"role":"user","content":"hi"}'],
  parameters: '{"seed":4944116822809979520}',
};
const open = (usageAsked = false): KeptChat =>
  new KeptChat({ id: 'chatcmpl-ours', publishedName: 'published', usageAsked, request });

const chunk = (choices: readonly object[], further: object = {}): AnswerPart =>
  eventPart(
    Buffer.from(JSON.stringify({ id: 'theirs', object: 'chat.completion.chunk', created: 7, model: 'm', choices, ...further })),
  );
const delta = (said: object, index = 0, further: object = {}): AnswerPart =>
  chunk([{ index, delta: said, finish_reason: null, ...further }]);
const finish = (reason: string, index = 0): AnswerPart => chunk([{ index, delta: {}, finish_reason: reason }]);

/** What is stored of a stream. */
function stored(parts: readonly AnswerPart[]): Record<string, unknown> {
  const kept = open();
  for (const part of parts) kept.take(part);
  return JSON.parse(kept.completion().completion) as Record<string, unknown>;
}
const text = (part: AnswerPart | undefined): string | undefined => part?.bytes.toString('utf8');

describe('a reply that is stored', () => {
  const bytes =
    '{ "id":"theirs","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"é"},"x":1.0}],"usage":{"total_tokens":2}} ';

  it('goes to the client under our id, otherwise byte by byte as it came', () => {
    expect(text(open().take(new AnswerPart(Buffer.from(bytes))))).toBe(bytes.trim().replace('"theirs"', '"chatcmpl-ours"'));
  });

  it('gets an id where it had none', () => {
    const given = text(open().take(new AnswerPart(Buffer.from('{"choices":[{}]}')))) ?? '';
    expect(JSON.parse(given)).toMatchObject({ id: 'chatcmpl-ours', choices: [{}] });
  });

  it('is kept with its numbers as they were written, and with those of the request', () => {
    const kept = open();
    kept.take(new AnswerPart(Buffer.from(bytes)));
    const { completion, ...others } = kept.completion();
    expect(completion).toBe(
      '{"id":"chatcmpl-ours","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"finish_reason":null,"logprobs":null,"message":{"role":"assistant","content":"é","refusal":null},"x":1.0}],"usage":{"total_tokens":2},"seed":4944116822809979520}',
    );
    expect(others).toEqual({ id: 'chatcmpl-ours', model: 'm', metadata: { a: 'b' }, messages: request.messages });
  });
});

describe('a stream that is stored', () => {
  it('says our id in every event, and tells no usage that was not asked for', () => {
    const kept = open();
    expect(text(kept.take(delta({ content: 'a' })))).toContain('"id":"chatcmpl-ours"');
    expect(kept.take(chunk([], { usage: { total_tokens: 3 } }))).toBeUndefined();
    const mixed = kept.take(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], { usage: { total_tokens: 3 } }));
    expect(text(mixed)).toMatch(/^data: \{(?!.*usage).*"finish_reason":"stop".*\}\n\n$/s);
    expect(JSON.parse(kept.completion().completion)).toMatchObject({ usage: { total_tokens: 3 } });
    expect(text(open(true).take(chunk([], { usage: { total_tokens: 3 } })))).toContain('"usage":{"total_tokens":3}');
  });

  it('is kept as the reply that it says together, each choice by itself', () => {
    const answer = stored([
      delta({ role: 'assistant', content: '' }),
      delta({ role: 'assistant', content: 'x' }, 1),
      delta({ role: 'assistant', content: 'one ' }, 0, { logprobs: { content: [{ token: 'one' }], refusal: null } }),
      delta({ content: 'two', reasoning_content: 'hm' }, 0, { logprobs: { content: [{ token: 'two' }], refusal: null } }),
      finish('length', 1),
      finish('stop'),
    ]);
    expect(answer).toMatchObject({ id: 'chatcmpl-ours', object: 'chat.completion', created: 7, model: 'm' });
    expect(answer['choices']).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'one two', refusal: null, reasoning_content: 'hm' },
        logprobs: { content: [{ token: 'one' }, { token: 'two' }], refusal: null },
        finish_reason: 'stop',
      },
      { index: 1, message: { role: 'assistant', content: 'x', refusal: null }, logprobs: null, finish_reason: 'length' },
    ]);
  });

  it('is kept with its calls of tools, interleaved or in the deprecated form, and with refusals', () => {
    const call = (index: number, said: object): AnswerPart => delta({ tool_calls: [{ index, ...said }] });
    const [choice] = stored([
      call(0, { id: 'c0', type: 'function', function: { name: 'f', arguments: '' } }),
      call(1, { id: 'c1', type: 'function', function: { name: 'g', arguments: '{"b":' } }),
      call(0, { function: { arguments: '{}' } }),
      call(1, { function: { arguments: '1}' } }),
      finish('tool_calls'),
    ])['choices'] as { message: object }[];
    expect(choice?.message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [
        { id: 'c0', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: 'c1', type: 'function', function: { name: 'g', arguments: '{"b":1}' } },
      ],
    });
    const [legacy] = stored([
      delta({ function_call: { name: 'f', arguments: '{' } }),
      delta({ function_call: { arguments: '}' } }),
      finish('function_call'),
    ])['choices'] as { message: object }[];
    expect(legacy?.message).toMatchObject({ content: null, function_call: { name: 'f', arguments: '{}' } });
    const [refused] = stored([delta({ refusal: 'No' }), delta({ refusal: '.' }), finish('stop')])['choices'] as {
      message: object;
    }[];
    expect(refused?.message).toEqual({ role: 'assistant', content: null, refusal: 'No.' });
  });

  it('is kept with what was said aloud', () => {
    const [choice] = stored([
      delta({ audio: { id: 'audio_1', transcript: 'He' } }),
      delta({ audio: { data: 'AAAA', transcript: 'llo' } }),
      finish('stop'),
    ])['choices'] as { message: object }[];
    expect(choice?.message).toMatchObject({ content: null, audio: { id: 'audio_1', data: 'AAAA', transcript: 'Hello' } });
  });
});

describe('an answer that is too long', () => {
  const half = 'x'.repeat(9 * 1024 * 1024);

  it('ends a stream as soon as it is', () => {
    const kept = open();
    kept.take(delta({ content: half }));
    expect(() => kept.take(delta({ content: half }))).toThrow('The answer is too long to be stored.');
  });

  it.each([
    ['choices', (indexes: readonly number[]) => chunk(indexes.map((index) => ({ index, delta: {} })))],
    ['calls', (indexes: readonly number[]) => delta({ tool_calls: indexes.map((index) => ({ index, id: `c${index}` })) })],
  ])('ends a stream that goes on with empty %s', (_what, piece) => {
    const kept = open();
    const run = (): void => {
      for (let at = 0; at < 200; at += 1) kept.take(piece(Array.from({ length: 1000 }, (_none, index) => at * 1000 + index)));
    };
    expect(run).toThrow('The answer is too long to be stored.');
  });

  it('is refused as a whole reply', () => {
    const kept = open();
    kept.take(new AnswerPart(Buffer.from(JSON.stringify({ choices: [{ message: { content: half + half } }] }))));
    expect(() => kept.completion()).toThrow('The answer is too long to be stored.');
  });
});
