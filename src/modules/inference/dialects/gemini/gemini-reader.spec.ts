import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gathered } from '../../../../../test/support/gemini-client.js';
import { endEvent, partsEvent, textEvent, wholeOfEvents } from '../../../../../test/support/gemini-provider.js';
import { trickyText } from '../../../../../test/support/json-arbitraries.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { readProvider } from '../../call/provider-json.js';
import { geminiChat } from './gemini-dialect.js';

const tool = (name: string) => ({ type: 'function', function: { name, parameters: {} } });
const chat: Fields = { tools: [tool('f'), { type: 'custom', custom: { name: 'shout' } }] };
const legacy: Fields = { functions: [{ name: 'f' }] };
const told = (events: readonly Fields[], asked = chat) => gathered(geminiChat.reader(asked), events);
const whole = (given: Fields, asked = chat) => geminiChat.reader(asked).whole(given);
const call = (members: Fields = {}) => ({ functionCall: { name: 'f', args: { a: 1 }, ...members } });
const messageOf = ({ choices }: { choices?: unknown }): Fields | undefined => (choices as { message: Fields }[])[0]?.message;

describe('a stream', () => {
  it('says each event as one chunk, the role in the first', () => {
    const reader = geminiChat.reader(chat);
    const events = [textEvent('Hel'), textEvent('lo'), endEvent()];
    expect(events.map((event) => reader.take(event))).toEqual([
      [{ choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null, logprobs: null }] }],
      [{ choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: null, logprobs: null }] }],
      [],
    ]);
    expect(reader.end()).toEqual([
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop', logprobs: null }] },
      { choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } },
    ]);
  });

  it('says calls whole, each with its place, and an id of its own where Gemini gives none', () => {
    const reader = geminiChat.reader(chat);
    const chunks = [partsEvent(call(), call({ id: 'own' })), partsEvent(call({ args: undefined }))].flatMap((event) =>
      reader.take(event),
    );
    const calls = chunks.flatMap(({ choices }) => (choices as { delta: { tool_calls: Fields[] } }[])[0]?.delta.tool_calls ?? []);
    const id = expect.stringMatching(/^call_\w{24}$/);
    expect(calls).toEqual([
      { index: 0, id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { index: 1, id: 'own', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { index: 2, id, type: 'function', function: { name: 'f', arguments: '{}' } },
    ]);
    expect(new Set(calls.map((one) => one['id'])).size).toBe(3);
  });

  it('keeps what Gemini wants back: signatures of calls by their ids, that of a text on the message', () => {
    const signature = (text: string) => ({ extra_content: { google: { thought_signature: text } } });
    const { choices, kept } = told([
      partsEvent({ text: 'Hm.', thought: true }),
      textEvent('Well'),
      partsEvent({ text: '', thoughtSignature: 't' }, { ...call({ id: 'a' }), thoughtSignature: 'c' }, call({ id: 'b' })),
      endEvent(),
    ]);
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Well',
        reasoning_content: 'Hm.',
        ...signature('t'),
        tool_calls: [{ id: 'a', ...signature('c') }, { id: 'b' }],
      },
    });
    expect([...kept]).toEqual([['a', signature('c')]]);
  });

  it('says the call of a custom tool with its text, and that of a deprecated function as the one there is', () => {
    const shouted = partsEvent({ functionCall: { id: 'a', name: 'shout', args: { input: 'HEY "you"' } } });
    expect(told([shouted, endEvent()]).choices[0]).toMatchObject({
      message: { tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'shout', input: 'HEY "you"' } }] },
    });
    const { choices } = told([partsEvent(call()), partsEvent(call()), endEvent()], legacy);
    expect(choices[0]).toMatchObject({
      message: { function_call: { name: 'f', arguments: '{"a":1}' } },
      finish_reason: 'function_call',
    });
    expect(messageOf({ choices })).not.toHaveProperty('tool_calls');
  });

  it('keeps numbers as they were written', () => {
    const event = readProvider(
      Buffer.from('{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":1e400,"y":0.10}}}]}}]}'),
    );
    expect(printExact(geminiChat.reader(chat).take(event))).toContain(String.raw`"arguments":"{\"x\":1e400,\"y\":0.10}"`);
  });

  it('is whole only with a reason why it ended, wherever it is cut', () => {
    const events = [partsEvent({ text: 'a', thought: true }), textEvent('b'), partsEvent(call()), textEvent(''), endEvent()];
    for (let cut = 0; cut <= events.length; cut += 1) {
      const reader = geminiChat.reader(chat);
      for (const event of events.slice(0, cut)) reader.take(event);
      expect([cut, reader.finished, reader.end() !== undefined]).toEqual([cut, cut === events.length, cut === events.length]);
    }
  });

  it('takes words and usage that come behind the reason, and no error', () => {
    const events = [
      { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] },
      { candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }] },
      { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 } },
      { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } },
    ];
    expect(told(events)).toMatchObject({
      choices: [{ message: { content: 'ab' }, finish_reason: 'stop' }],
      usage: { total_tokens: 3 },
      error: undefined,
    });
  });

  it.each([
    [{ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }, 'The model is overloaded.'],
    [{ error: 'broken' }, 'broken'],
    [{ error: { code: 500 } }, 'The provider failed.'],
  ])('that tells %j fails, and says nothing more', (event, error) => {
    const reader = geminiChat.reader(chat);
    expect([textEvent('a'), event, textEvent('b'), endEvent()].flatMap((one) => reader.take(one)).slice(1)).toEqual([
      { error: { message: error } },
    ]);
    expect([reader.finished, reader.end()]).toEqual([false, undefined]);
    expect(whole(event)).toEqual({ error: { message: error } });
  });

  it('says nothing of what it does not know', () => {
    const events = [
      {},
      { candidates: [] },
      { candidates: [null] },
      { candidates: [{ content: {} }] },
      { candidates: [{ content: { parts: [null, 'x', {}, { executableCode: { code: 'x' } }, { text: 7 }] } }] },
      { candidates: [{ finishReason: 'FINISH_REASON_UNSPECIFIED' }], promptFeedback: { safetyRatings: [] } },
      { news: true },
    ];
    const reader = geminiChat.reader(chat);
    expect(events.flatMap((event) => reader.take(event))).toEqual([]);
    expect(reader.end()).toBeUndefined();
  });
});

describe('the end', () => {
  const ended = (finishReason: string, parts: readonly Fields[] = [{ text: 'a' }]) => ({
    candidates: [{ content: { parts, role: 'model' }, finishReason, finishMessage: 'Because.' }],
  });
  const finishOf = (given: Fields) =>
    [whole(given), told([given])].map(({ choices }) => (choices as Fields[])[0]?.['finish_reason']);

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ...['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY', 'MODEL_ARMOR'].map(
      (reason) => [reason, 'content_filter'],
    ),
  ] as [string, string][])('%s is %s', (reason, finish) => {
    expect(finishOf(ended(reason))).toEqual([finish, finish]);
    expect(finishOf(ended(reason, [call()]))).toEqual(Array(2).fill(finish === 'stop' ? 'tool_calls' : finish));
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER', 'constructor', 'NEW_REASON'])(
    '%s is a fault',
    (reason) => {
      const error = `The model ended its answer with ${reason}: Because.`;
      expect(whole(ended(reason))).toEqual({ error: { message: error } });
      expect(told([ended(reason)])).toMatchObject({ choices: [], error });
    },
  );

  it('of a blocked request is a filter, with what was counted', () => {
    const blocked = {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
    };
    for (const { choices, usage } of [whole(blocked), told([blocked])]) {
      expect(choices).toMatchObject([{ message: { role: 'assistant', content: '' }, finish_reason: 'content_filter' }]);
      expect(usage).toEqual({ prompt_tokens: 9, completion_tokens: 0, total_tokens: 9 });
    }
  });

  it('that was not told leaves no whole answer', () => {
    expect(whole(textEvent('a'))).toEqual({});
    expect(whole({})).toEqual({});
  });
});

describe('usage', () => {
  it.each([
    [
      {
        promptTokenCount: 55,
        toolUsePromptTokenCount: 89,
        candidatesTokenCount: 51,
        thoughtsTokenCount: 56,
        totalTokenCount: 251,
      },
      { prompt_tokens: 144, completion_tokens: 107, total_tokens: 251, completion_tokens_details: { reasoning_tokens: 56 } },
    ],
    [
      { promptTokenCount: 2048, cachedContentTokenCount: 1920, candidatesTokenCount: 45, totalTokenCount: 2093 },
      { prompt_tokens: 2048, completion_tokens: 45, total_tokens: 2093, prompt_tokens_details: { cached_tokens: 1920 } },
    ],
    [{ promptTokenCount: 3 }, { prompt_tokens: 3 }],
    [{ candidatesTokenCount: 3 }, { completion_tokens: 3 }],
    [
      { promptTokenCount: 3, candidatesTokenCount: 4 },
      { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    ],
    [{ trafficType: 'ON_DEMAND' }, undefined],
  ])('%j is %j', (usageMetadata, usage) => {
    expect(whole({ ...endEvent(), usageMetadata })['usage']).toEqual(usage);
    expect(told([{ ...endEvent(), usageMetadata }]).usage).toEqual(usage);
  });
});

const signatures = fc.option(fc.constantFrom('s1', 's2'), { nil: undefined });
const part = fc.oneof(
  fc.record({ text: trickyText, thought: fc.constantFrom(true, false), thoughtSignature: signatures }),
  fc.record({ text: trickyText }),
  fc.record({
    functionCall: fc.record({
      id: fc.uuid(),
      name: fc.constantFrom('f', 'shout'),
      args: fc.dictionary(fc.constantFrom('input', 'a'), trickyText),
    }),
    thoughtSignature: signatures,
  }),
);
const answers = fc.array(fc.array(part, { maxLength: 3 }), { maxLength: 8 });

describe('an answer', () => {
  it('says the same in one piece as in a stream, however it is cut into events', () => {
    fc.assert(
      fc.property(
        answers,
        fc.constantFrom(chat, legacy),
        fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY'),
        (events, asked, reason) => {
          const all = [...events.map((parts) => partsEvent(...(parts as Fields[]))), endEvent(reason)];
          const { choices, usage } = told(all, asked);
          const said = whole(wholeOfEvents(all), asked);
          expect(messageOf({ choices })?.['content'] ?? '').toBe(messageOf(said)?.['content'] ?? '');
          const plain = (one: { choices?: unknown }) => ({
            ...(one.choices as Fields[])[0],
            message: { ...messageOf(one), content: '' },
          });
          expect({ choice: plain({ choices }), usage }).toEqual({ choice: plain(said), usage: said['usage'] });
        },
      ),
      { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 3_000 : 200 },
    );
  });
});
