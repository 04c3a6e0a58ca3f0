import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { withNewId } from '../../../conversations/item-form.js';
import { exactObject, exactText, trickyText } from '../../../../../test/support/json-arbitraries.js';
import { printExact, readExact } from '../../wire/exact-json.js';
import { AnswerCollector } from '../../chunks/chat-answer.js';
import { itemsOfAnswer, itemsOfMessages } from './chat-to-items.js';
import { messagesOfItems } from './items-to-chat.js';

const callIds = ['c1', 'c2', 'c3'];
const anyId = fc.constantFrom(...callIds);
const text = (role: string, type: string) => ({ id: 'x', type: 'message', role, content: [{ type, text: 'hello' }] });
const anyItem: fc.Arbitrary<StoredItem> = fc.oneof(
  fc.constantFrom<StoredItem>(text('user', 'input_text'), text('assistant', 'output_text'), text('developer', 'input_text')),
  fc.constantFrom<StoredItem>(
    { id: 'x', type: 'reasoning', summary: [] },
    { id: 'x', type: 'message', role: 'assistant', content: [] },
  ),
  anyId.map((id): StoredItem => ({ id: 'x', type: 'function_call', call_id: id, name: 'f', arguments: '{}' })),
  anyId.map((id): StoredItem => ({ id: 'x', type: 'custom_tool_call', call_id: id, name: 'f', input: 'text' })),
  anyId.map((id): StoredItem => ({ id: 'x', type: 'function_call_output', call_id: id, output: '1' })),
);

interface Message {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

describe('items as chat messages', () => {
  it('are a chat that providers take, whatever the items: each call is answered directly behind its message', () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 20 }), fc.subarray(callIds), (items, later) => {
        const messages = messagesOfItems(items, new Set(later)) as unknown as Message[];
        let open: string[] = [];
        for (const message of messages) {
          if (message.role === 'tool') {
            expect(open).toContain(message.tool_call_id);
            open.splice(open.indexOf(message.tool_call_id ?? ''), 1);
            continue;
          }
          expect(open.filter((id) => !later.includes(id))).toEqual([]);
          open = (message.tool_calls ?? []).map(({ id }) => id);
          if (message.role === 'assistant') expect(message.content !== null || message.tool_calls !== undefined).toBe(true);
        }
        expect(open.filter((id) => !later.includes(id))).toEqual([]);
      }),
    );
  });

  it('give back the messages that they were made of', () => {
    const asked = [
      { role: 'user', content: 'one', name: 'anna' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:x', detail: 'auto' } },
        ],
      },
      { role: 'user', content: [{ type: 'file', file: { file_data: 'data:y', filename: 'a.pdf' } }] },
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } }] },
    ];
    expect(messagesOfItems(itemsOfMessages(asked).map(withNewId), new Set())).toEqual(asked);
  });

  it('give back an answer with text, refusal and calls', () => {
    const calls = [
      { id: 'c1', kind: 'function' as const, name: 'f', input: '{"a":1}' },
      { id: 'c2', kind: 'custom' as const, name: 'g', input: 'free' },
    ];
    const items = itemsOfAnswer({ text: 'hi', refusal: null, calls }).map(withNewId);
    expect(items.map(({ type }) => type)).toEqual(['message', 'function_call', 'custom_tool_call']);
    expect(messagesOfItems(items, new Set(['c1', 'c2']))).toEqual([
      {
        role: 'assistant',
        content: 'hi',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'custom', custom: { name: 'g', input: 'free' } },
        ],
      },
    ]);
    const refused = itemsOfAnswer({ text: null, refusal: 'no', calls: [] }).map(withNewId);
    expect(messagesOfItems(refused, new Set())).toEqual([{ role: 'assistant', content: null, refusal: 'no' }]);
  });

  it('keep apart calls of different turns that have the same id', () => {
    const turn = (question: string, result: string) => [
      ...itemsOfMessages([{ role: 'user', content: question }]),
      ...itemsOfAnswer({ text: null, refusal: null, calls: [{ id: 'f:0', kind: 'function', name: 'f', input: question }] }),
      ...itemsOfMessages([{ role: 'tool', tool_call_id: 'f:0', content: result }]),
    ];
    const items = [...turn('1', 'one'), ...turn('2', 'two')].map(withNewId);
    const call = (input: string) => ({
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'f:0', type: 'function', function: { name: 'f', arguments: input } }],
    });
    const result = (content: string) => ({ role: 'tool', tool_call_id: 'f:0', content });
    const both = [
      { role: 'user', content: '1' },
      call('1'),
      result('one'),
      { role: 'user', content: '2' },
      call('2'),
      result('two'),
    ];
    expect(messagesOfItems(items, new Set())).toEqual(both);
    // The newest waits for the request's result; of two that nobody answered only that one is shown.
    expect(messagesOfItems(items.slice(0, -1), new Set(['f:0']))).toEqual(both.slice(0, -1));
    expect(
      messagesOfItems(
        items.filter(({ type }) => type !== 'function_call_output'),
        new Set(['f:0']),
      ),
    ).toEqual([both[0], both[3], both[4]]);
  });

  it('give back what an answer went on from', () => {
    const asked = [
      { role: 'user', content: 'A poem' },
      { role: 'assistant', content: 'Roses' },
    ];
    const items = [...itemsOfMessages(asked), ...itemsOfAnswer({ text: ' are red', refusal: null, calls: [] })].map(withNewId);
    expect(messagesOfItems(items, new Set())).toEqual([...asked, { role: 'assistant', content: ' are red' }]);
  });

  it('keep the deprecated function form together', () => {
    const items = [
      ...itemsOfAnswer({ text: null, refusal: null, calls: [{ id: 'call_fn_f', kind: 'function', name: 'f', input: '{}' }] }),
      ...itemsOfMessages([{ role: 'function', name: 'f', content: '42' }]),
    ].map(withNewId);
    expect(messagesOfItems(items, new Set()).map(({ role, content }) => [role, content])).toEqual([
      ['assistant', null],
      ['tool', '42'],
    ]);
  });
});

/** What Postgres keeps of a value in a `jsonb` column. */
const stored = (items: readonly StoredItem[]): StoredItem[] =>
  items.map((item) => JSON.parse(JSON.stringify(item, (_name, value: unknown) => sorted(value))) as StoredItem);
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)))
    : value;
const exact = (text: string): unknown[] => readExact(Buffer.from(text), JSON.parse(text)) as unknown[];

describe('what is replayed of a turn', () => {
  /** Members that no chat knows, as they follow others in an object: numbers of any form, lists, objects. */
  const further = exactObject(exactText, 'further').map((text) => (text === '{}' ? '' : `,${text.slice(1, -1)}`));
  const quoted = trickyText.filter((text) => !/[\0\p{Cs}]/u.test(text)).map((text) => JSON.stringify(text));
  const part = fc.oneof(
    fc.tuple(further, quoted).map(([more, text]) => `{"type":"text"${more},"text":${text}}`),
    further.map((more) => `{"type":"image_url"${more},"image_url":{"detail":"low"${more},"url":"data:x"}}`),
    further.map((more) => `{"type":"video"${more}}`),
  );
  const content = fc.oneof(
    quoted,
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `[${parts.join(',')}]`),
  );
  const question = fc
    .tuple(further, content)
    .map(([more, text]) => `{${more.slice(1)}${more && ','}"role":"user","content":${text}}`);
  const answer = fc.tuple(further, content, fc.constantFrom('1.0', '{"a":1.50,"b":[1e2]}', '{}')).map(([more, text, given]) => {
    const tool = `{${more.slice(1)}${more && ','}"name":"f","arguments":${JSON.stringify(given)}}`;
    const call = `{${more.slice(1)}${more && ','}"id":"c","type":"function","function":${tool}}`;
    return `{${more.slice(1)}${more && ','}"role":"assistant","content":${text},"tool_calls":[${call}]}`;
  });

  it('is what was said, byte for byte, but for members that are null', () => {
    fc.assert(
      fc.property(question, answer, (asked, answered) => {
        const [message] = exact(`[${asked}]`);
        const collector = new AnswerCollector();
        collector.add(exact(`{"choices":[{"message":${answered}}]}`));
        const said = collector.answer();
        if (said === undefined) throw new Error('nothing was said');
        const items = [...itemsOfMessages([message]), ...itemsOfAnswer(said)].map(withNewId);
        const replayed = messagesOfItems(stored(items), new Set(['c']));
        const nulls = /[,{]"x(?:[^"\\]|\\.)*":null/;
        fc.pre(!nulls.test(asked) && !nulls.test(answered));
        expect(replayed).toEqual(exact(`[${asked},${answered}]`));
        // What further members hold keeps the order of its members too.
        for (const [at, one] of exact(`[${asked},${answered}]`).entries())
          for (const [name, value] of Object.entries(one as object))
            if (name.startsWith('x')) expect(printExact(replayed[at]?.[name])).toBe(printExact(value));
      }),
    );
  });

  it('has the arguments that came as an object as they were written', () => {
    const collector = new AnswerCollector();
    collector.add(exact('{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":{"n":1.0}}}]}}]}'));
    expect(collector.answer()?.calls[0]?.input).toBe('{"n":1.0}');
  });

  it('is read in plain numbers by whoever lists the items', () => {
    const items = itemsOfMessages(exact('[{"role":"user","content":[{"type":"video","fps":1.0}]}]'));
    expect(items[0]?.['content']).toEqual([{ type: 'video', fps: 1 }]);
  });
});
