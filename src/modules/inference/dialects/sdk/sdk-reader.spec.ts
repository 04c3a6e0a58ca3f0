import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type OpenAI from 'openai';
import { trickyText } from '../../../../../test/support/json-arbitraries.js';
import { heardOfChat, heardOfChunks } from '../../../../../test/support/recorded-hearing.js';
import type { Fields } from '../../../../kernel/fields.js';
import { SdkReader } from './sdk-reader.js';

const tools = [
  { type: 'function', function: { name: 'f' } },
  { type: 'function', function: { name: 'g' } },
];
const chat = { model: 'm', messages: [], tools };
const finish = (unified: string, further: Fields = {}): Fields => ({
  type: 'finish',
  finishReason: { unified, raw: unified },
  usage: { inputTokens: { total: 3 }, outputTokens: { total: 4 } },
  ...further,
});

/** What a model says: pieces of text and of thoughts, and calls, each told in pieces, at once, or both. */
type Step = { readonly text: string } | { readonly thought: string } | Call;
interface Call {
  readonly name: string;
  readonly input: string;
  readonly told: 'pieces' | 'whole' | 'begun';
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ text: trickyText }),
  fc.record({ thought: trickyText }),
  fc.record({
    name: fc.constantFrom('f', 'g'),
    input: fc.dictionary(trickyText, trickyText, { noNullPrototype: true }).map((given) => JSON.stringify(given)),
    told: fc.constantFrom('pieces' as const, 'whole' as const, 'begun' as const),
  }),
);

function partsOf(steps: readonly Step[]): Fields[] {
  return steps.flatMap((one, at): Fields[] => {
    if ('text' in one) return [{ type: 'text-delta', id: '0', delta: one.text }];
    if ('thought' in one) return [{ type: 'reasoning-delta', id: '0', delta: one.thought }];
    const { name: toolName, input, told } = one;
    const id = `call_${at}`;
    const pieces = input.match(/[^]{1,3}/gu) ?? [];
    return [
      ...(told === 'whole' ? [] : [{ type: 'tool-input-start', id, toolName }]),
      ...(told === 'pieces' ? pieces.map((delta) => ({ type: 'tool-input-delta', id, delta })) : []),
      { type: 'tool-call', toolCallId: id, toolName, input },
    ];
  });
}

function contentOf(steps: readonly Step[]): Fields[] {
  return partsOf(steps).flatMap(({ type, delta, ...part }): Fields[] => {
    if (type === 'text-delta') return [{ type: 'text', text: delta }];
    if (type === 'reasoning-delta') return [{ type: 'reasoning', text: delta }];
    return type === 'tool-call' ? [{ type, ...part }] : [];
  });
}

function expected(steps: readonly Step[], end: string) {
  const calls = steps.flatMap((one, at) =>
    'name' in one ? [{ id: `call_${at}`, name: one.name, input: one.input, isCustom: false }] : [],
  );
  return {
    text: steps.map((one) => ('text' in one ? one.text : '')).join(''),
    thought: steps.map((one) => ('thought' in one ? one.thought : '')).join(''),
    calls,
    end: end === 'stop' && calls.length > 0 ? 'calls' : end,
    usage: { input: 3, output: 4, cached: 0, thought: 0 },
  };
}

const reasons = fc.constantFrom(
  ['stop', 'stop'],
  ['tool-calls', 'stop'],
  ['length', 'length'],
  ['content-filter', 'content_filter'],
);

describe('an answer of a model', () => {
  it('is heard as it was said, each call once, however its input was told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), reasons, (steps, [unified = '', end = '']) => {
        const reader = new SdkReader(chat);
        const chunks = [...partsOf(steps), finish(unified)].flatMap((part) => reader.take(part));
        expect(reader.end()).toEqual([]);
        expect(heardOfChunks(chunks as unknown as OpenAI.ChatCompletionChunk[], false)).toMatchObject(expected(steps, end));
      }),
    );
  });

  it('is heard the same where it comes as a whole', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), reasons, (steps, [unified = '', end = '']) => {
        const { type: _type, ...ending } = finish(unified);
        const whole = new SdkReader(chat).whole({ content: contentOf(steps), ...ending });
        expect(heardOfChat(whole as unknown as OpenAI.ChatCompletion)).toMatchObject(expected(steps, end));
      }),
    );
  });

  it('has the role in its first chunk alone', () => {
    const reader = new SdkReader(chat);
    const chunks = [...partsOf([{ text: 'a' }, { text: 'b' }]), finish('stop')].flatMap((part) => reader.take(part));
    const roles = chunks.flatMap(({ choices }) => (choices as { delta: Fields }[]).map(({ delta }) => delta['role']));
    expect(roles).toEqual(['assistant', undefined, undefined]);
  });
});

describe('an answer that is not whole', () => {
  it.each([
    ['without a word of the end', []],
    ['whose end the package has made up', [{ ...finish('other'), finishReason: { unified: 'other' } }]],
    ['whose end is an error of the package', [{ ...finish('error'), finishReason: { unified: 'error' } }]],
  ])('%s is cut off', (_what, parts: Fields[]) => {
    const reader = new SdkReader(chat);
    const chunks = [{ type: 'text-delta', delta: 'a' }, ...parts].flatMap((part) => reader.take(part));
    expect(chunks).toHaveLength(1);
    expect([reader.finished, reader.end()]).toEqual([false, undefined]);
  });

  it.each([
    ['an error of the provider', { type: 'error', is: 'provider' }],
    ['an event that cannot be read', { type: 'error', is: 'unreadable' }],
    ['a reason that nobody knows', { type: 'finish', finishReason: { unified: 'other', raw: 'malformed_tool_use' } }],
  ])('tells %s, and nothing more', (_what, fault) => {
    const reader = new SdkReader(chat);
    const chunks = [fault, { type: 'text-delta', delta: 'a' }, finish('stop')].flatMap((part) => reader.take(part));
    expect(chunks).toEqual([{ error: { message: expect.any(String) } }]);
    expect([reader.finished, reader.end()]).toEqual([false, undefined]);
  });

  it('is whole in spite of an event that its package does not know', () => {
    const reader = new SdkReader(chat);
    const parts = [{ type: 'text-delta', delta: 'a' }, { type: 'error', is: 'unknown' }, finish('stop')];
    expect(parts.flatMap((part) => reader.take(part)).filter(({ error }) => error !== undefined)).toEqual([]);
    expect([reader.finished, reader.end()]).toEqual([true, []]);
  });

  it.each([
    [{ content: [], finishReason: { unified: 'other' } }, {}],
    [{ content: [], finishReason: { unified: 'error', raw: 'ERROR' } }, { error: { message: expect.stringContaining('ERROR') } }],
    [{}, {}],
  ])('is none: %j', (given, said) => expect(new SdkReader(chat).whole(given)).toEqual(said));
});

describe('the usage', () => {
  const told = (usage: unknown) =>
    new SdkReader(chat).whole({ content: [], finishReason: { unified: 'stop', raw: 'stop' }, usage })['usage'];

  it('counts cached tokens within those of the prompt, and thoughts within those of the answer', () => {
    const inputTokens = { total: 10, noCache: 3, cacheRead: 5, cacheWrite: 2 };
    expect(told({ inputTokens, outputTokens: { total: 7, text: 3, reasoning: 4 } })).toEqual({
      prompt_tokens: 10,
      completion_tokens: 7,
      total_tokens: 17,
      prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 4 },
    });
  });

  it('leaves out what was not told', () => {
    expect(told({ inputTokens: { total: 10 }, outputTokens: {} })).toEqual({ prompt_tokens: 10 });
    expect(told({ inputTokens: {}, outputTokens: {} })).toBeUndefined();
    expect(told(undefined)).toBeUndefined();
  });
});

describe('a call', () => {
  const call = (input: unknown, further: Fields = {}) => ({
    type: 'tool-call',
    toolCallId: 'c',
    toolName: 'f',
    input,
    ...further,
  });

  it.each(['', ' ', 'null', undefined])('without arguments has an empty object: %j', (input) => {
    const [chunk] = new SdkReader(chat).take(call(input));
    expect(JSON.stringify(chunk)).toContain('"arguments":"{}"');
  });

  it('of a tool that takes a text is said when the text is whole', () => {
    const custom = { ...chat, tools: [{ type: 'custom', custom: { name: 'f' } }] };
    const reader = new SdkReader(custom);
    const parts = [
      { type: 'tool-input-start', id: 'c', toolName: 'f' },
      { type: 'tool-input-delta', id: 'c', delta: '{"input":"a' },
      call('{"input":"a\\nb"}'),
    ];
    const [said, ...others] = parts.flatMap((part) => reader.take(part));
    expect(said).toMatchObject({
      choices: [{ delta: { tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'f', input: 'a\nb' } }] } }],
    });
    expect(others).toEqual([]);
  });

  it('has the signature that Gemini wants back', () => {
    const reader = new SdkReader(chat);
    const signed = { extra_content: { google: { thought_signature: 'abc' } } };
    const [chunk] = reader.take(call('{}', { providerMetadata: { vertex: { thoughtSignature: 'abc' } } }));
    expect(chunk).toMatchObject({ choices: [{ delta: { tool_calls: [{ id: 'c', ...signed }] } }] });
    expect(reader.kept.get('c')).toEqual(signed);
  });

  it('is told to a client of the deprecated functions in its own form', () => {
    const reader = new SdkReader({ model: 'm', messages: [], functions: [{ name: 'f' }] });
    const chunks = [call('{}'), finish('tool-calls')].flatMap((part) => reader.take(part));
    expect(chunks[0]).toMatchObject({ choices: [{ delta: { function_call: { name: 'f', arguments: '{}' } } }] });
    expect(chunks[1]).toMatchObject({ choices: [{ finish_reason: 'function_call' }] });
  });
});
