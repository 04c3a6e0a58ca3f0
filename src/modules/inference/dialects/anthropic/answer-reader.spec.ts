import { describe, expect, it } from '@jest/globals';
import { eventsOfMessage, messageOf, thoughtBlock } from '../../../../../test/support/anthropic-provider.js';
import type { Fields } from '../../../../kernel/fields.js';
import { AnswerCollector } from '../../chunks/chat-answer.js';
import { printExact, readExact } from '../../wire/exact-json.js';
import { anthropic } from './anthropic.js';

const text = (words: string) => ({ type: 'text', text: words });
const use = (id: string, input: object, name = 'weather') => ({ type: 'tool_use', id, name, input });
const custom = { tools: [{ type: 'custom', custom: { name: 'shout' } }] };
const redacted = { type: 'redacted_thinking', data: 'sealed' };

interface Heard {
  readonly said: unknown;
  readonly reason: unknown;
  readonly usage: unknown;
  readonly kept: unknown;
}

const readerOf = (chat: Fields = {}) => anthropic.reader({ model: 'm', messages: [], ...chat });
const choicesOf = (chunks: readonly Fields[]) => chunks.flatMap(({ choices }) => (choices ?? []) as Fields[]);
const deltasOf = (events: readonly Fields[], chat: Fields = {}) => {
  const reader = readerOf(chat);
  return choicesOf(events.flatMap((event) => reader.take(event))).map(({ delta }) => delta as Fields);
};

function heard(chunks: readonly Fields[], kept: ReadonlyMap<string, Fields>): Heard {
  const collector = new AnswerCollector();
  for (const chunk of chunks) collector.add(structuredClone(chunk));
  const { further: { role: _role, ...further } = {}, ...said } = collector.said();
  const reason = choicesOf(chunks).at(-1)?.['finish_reason'];
  return { said: { ...said, text: said.text ?? '', further }, reason, usage: chunks.at(-1)?.['usage'], kept: [...kept] };
}

/** What is heard of an answer, which says the same whole and in events. */
function answered(blocks: readonly Fields[], end: Fields = {}, chat: Fields = {}): Heard {
  const [whole, streamed] = [readerOf(chat), readerOf(chat)];
  const chunks = eventsOfMessage(blocks, end).flatMap((event) => streamed.take(event));
  expect([streamed.finished, streamed.end()]).toEqual([true, []]);
  const told = heard([whole.whole(messageOf(blocks, end))], whole.kept);
  expect(heard(chunks, streamed.kept)).toEqual(told);
  return told;
}

describe('an answer of this wire', () => {
  it('says texts, joined', () => {
    expect(answered([text('Hello '), text('there.')])).toMatchObject({ said: { text: 'Hello there.' }, reason: 'stop' });
    expect(answered([])).toMatchObject({ said: { text: '' }, reason: 'stop' });
  });

  it('says one chunk for each piece', () => {
    const deltas = deltasOf(eventsOfMessage([text('abcdefgh')]));
    expect(deltas).toEqual([{ role: 'assistant', content: '' }, { content: 'abcd' }, { content: 'efgh' }, {}]);
  });

  it('says calls behind words, and several of them', () => {
    const { said, reason } = answered([text('I look.'), use('a', { city: 'Ulm' }), use('b', {}, 'now')]);
    expect(reason).toBe('tool_calls');
    expect(said).toMatchObject({
      text: 'I look.',
      calls: [
        { id: 'a', kind: 'function', name: 'weather', input: '{"city":"Ulm"}' },
        { id: 'b', kind: 'function', name: 'now', input: '{}' },
      ],
    });
  });

  it('says the arguments of a call as they come, and those that come at its beginning', () => {
    const pieces = deltasOf(eventsOfMessage([use('a', { a: 1 })])).flatMap(({ tool_calls: calls }) => calls ?? []);
    expect(pieces).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"a"' } },
      { index: 0, function: { arguments: ':1}' } },
    ]);
    const whole = { type: 'content_block_start', index: 0, content_block: use('a', { a: 1 }) };
    expect(deltasOf([whole, { type: 'content_block_stop', index: 0 }]).at(-1)).toEqual({
      tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }],
    });
  });

  it('says the call of a custom tool with its text, also one that was cut off', () => {
    const { said } = answered([use('a', { input: 'HEY "you"' }, 'shout')], {}, custom);
    expect(said).toMatchObject({ calls: [{ id: 'a', kind: 'custom', name: 'shout', input: 'HEY "you"' }] });
    const cut = [
      { type: 'content_block_start', index: 0, content_block: use('a', {}, 'shout') },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"inp' } },
      { type: 'message_delta', delta: { stop_reason: 'max_tokens' } },
      { type: 'message_stop' },
    ];
    expect(deltasOf(cut, custom)[0]).toEqual({
      tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'shout', input: '{"inp' } }],
    });
  });

  it('says a call in the deprecated form to who asked in it', () => {
    const told = answered([use('a', { city: 'Ulm' })], {}, { functions: [{ name: 'weather' }] });
    expect(told).toMatchObject({
      said: { calls: [], legacy: { name: 'weather', input: '{"city":"Ulm"}' } },
      reason: 'function_call',
    });
  });

  it('says thoughts in words, and keeps their blocks for the message and for its calls', () => {
    const blocks = [thoughtBlock('First this.'), redacted, thoughtBlock(''), thoughtBlock('Then that.')];
    const all = blocks.map((block, index) => ({ index, ...block }));
    const { said, kept } = answered([...blocks, text('So.'), use('a', {}), use('b', {})]);
    expect(said).toMatchObject({ further: { reasoning_content: 'First this.\nThen that.', thinking_blocks: all } });
    expect(kept).toEqual([
      ['a', { thinking_blocks: all }],
      ['b', { thinking_blocks: all }],
    ]);
  });

  it('keeps nothing of a thought without a signature but its words', () => {
    const { said, kept } = answered([{ type: 'thinking', thinking: 'Hm.', signature: '' }, use('a', {})]);
    expect(said).toMatchObject({ further: { reasoning_content: 'Hm.' } });
    expect(JSON.stringify([said, kept])).not.toContain('thinking_blocks');
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['of another day', 'stop'],
    [null, 'stop'],
  ])('ends for %s with %s', (stop, reason) => {
    expect(answered([text('x')], { stop_reason: stop })).toMatchObject({ reason });
  });

  it('says what the provider says of a refusal', () => {
    const end = { stop_reason: 'refusal', stop_details: { type: 'refusal', explanation: 'Not this.' } };
    expect(answered([text('Well,')], end)).toMatchObject({
      said: { text: 'Well,', refusal: 'Not this.' },
      reason: 'content_filter',
    });
  });

  it('counts cached tokens within the prompt, and says nothing of what was not told', () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 30,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    };
    expect(answered([text('x')], { usage }).usage).toEqual({
      prompt_tokens: 240,
      completion_tokens: 9,
      total_tokens: 249,
      prompt_tokens_details: { cached_tokens: 200, cache_write_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 4 },
    });
    expect(answered([text('x')], { usage: { input_tokens: 10, output_tokens: 9 } }).usage).toEqual({
      prompt_tokens: 10,
      completion_tokens: 9,
      total_tokens: 19,
    });
    expect(readerOf().whole({ content: [], usage: { output_tokens: 'many' } })).not.toHaveProperty('usage');
  });

  it('tells what was written to the cache where only its parts are told', () => {
    const written = { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 5 };
    const usage = { input_tokens: 10, cache_creation: written, output_tokens: 9 };
    const told = { prompt_tokens: 35, total_tokens: 44, prompt_tokens_details: { cache_write_tokens: 25 } };
    expect(answered([text('x')], { usage }).usage).toMatchObject(told);
    expect(answered([text('x')], { usage: { ...usage, cache_creation_input_tokens: 25 } }).usage).toMatchObject(told);
    expect(answered([text('x')], { usage: { ...usage, cache_creation: {} } }).usage).not.toHaveProperty('prompt_tokens_details');
  });

  it('takes the usage of the end where the beginning knew nothing', () => {
    const reader = readerOf();
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 0, output_tokens: 0 } } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 12, output_tokens: 3 } },
      { type: 'message_stop' },
    ];
    expect(events.flatMap((event) => reader.take(event)).at(-1)).toMatchObject({
      usage: { prompt_tokens: 12, total_tokens: 15 },
    });
  });

  it('is never whole before its last event', () => {
    const events = eventsOfMessage([thoughtBlock('Hm.'), text('Hello.'), use('a', { city: 'Ulm' })]);
    for (const [at] of events.entries()) {
      const reader = readerOf();
      const chunks = events.slice(0, at).flatMap((event) => reader.take(event));
      expect([reader.finished, reader.end(), reader.kept.size]).toEqual([false, undefined, 0]);
      expect(choicesOf(chunks).every(({ finish_reason: reason }) => reason === null)).toBe(true);
    }
  });

  it('says nothing of events, blocks and pieces that it does not know', () => {
    const strange = [
      { type: 'ping' },
      { type: 'of another day', delta: { text: 'x' } },
      {},
      { type: 'content_block_start', index: 0, content_block: { type: 'server_tool_use', id: 's', name: 'search', input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"q":1}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1 },
      { type: 'content_block_delta', index: 7, delta: { type: 'text_delta', text: 'x' } },
      { type: 'content_block_delta', index: 7 },
      { type: 'content_block_start', index: 2, content_block: text('') },
      { type: 'content_block_delta', index: 2, delta: { type: 'citations_delta', citation: {} } },
    ];
    expect(deltasOf(strange)).toEqual([]);
  });

  it('tells an error of a stream, and nothing behind it', () => {
    const reader = readerOf();
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const events = [...eventsOfMessage([text('Hello.')]).slice(0, 4), error, { type: 'message_stop' }];
    expect(events.flatMap((event) => reader.take(event)).at(-1)).toEqual({ error: { message: 'Overloaded' } });
    expect([reader.finished, reader.end()]).toEqual([false, undefined]);
  });

  it('tells an error of a whole answer, and has no choices for what is none', () => {
    expect(readerOf().whole({ type: 'error', error: { type: 'api_error', message: 'No.' } })).toEqual({
      error: { message: 'No.' },
    });
    expect(readerOf().whole({ type: 'error', error: { type: 'api_error' } })).toEqual({ error: { message: 'api_error' } });
    expect(readerOf().whole({ type: 'error' })).toHaveProperty('error.message');
    expect(readerOf().whole({ completion: 'Hello.' })).toEqual({});
  });

  it('keeps the numbers of a call as they were written', () => {
    const given = '{"content":[{"type":"tool_use","id":"a","name":"f","input":{"id":12345678901234567890,"x":1.0}}]}';
    const read = readExact(Buffer.from(given), JSON.parse(given)) as Fields;
    const [choice] = readerOf().whole(read)['choices'] as { message: { tool_calls: { function: Fields }[] } }[];
    expect(choice?.message.tool_calls[0]?.function['arguments']).toBe('{"id":12345678901234567890,"x":1.0}');
    expect(printExact(choice)).toContain('12345678901234567890');
  });

  it('does not keep thoughts without end', () => {
    const reader = readerOf();
    reader.take({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } });
    const piece = { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'x'.repeat(1_000_000) } };
    const chunks = Array.from({ length: 20 }, () => reader.take(piece)).flat();
    expect(chunks.at(-1)).toHaveProperty('error.message');
    expect(reader.end()).toBeUndefined();
  });
});
