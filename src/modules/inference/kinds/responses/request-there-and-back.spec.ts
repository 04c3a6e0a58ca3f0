import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trickyText } from '../../../../../test/support/json-arbitraries.js';
import { toldIn } from '../../../../../test/support/recorded-provider.js';
import type { Fields } from '../../../../kernel/fields.js';
import { atOnce } from '../../../../kernel/steps.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { normaliseItem } from '../../../conversations/item-form.js';
import { responseRequestOf } from '../chat/over-responses/response-request.js';
import { chatRequestOf } from './chat-request.js';

const runs = { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 3_000 : 100 };

const word = trickyText.filter((text) => text !== '');
const data = fc.constantFrom('data:image/png;base64,AA==', 'https://images.example/a.png');
const part = fc.oneof(
  word.map((text) => ({ type: 'text', text })),
  fc
    .record({ url: data, detail: fc.constantFrom('low', 'high', 'auto') })
    .map((image) => ({ type: 'image_url', image_url: image })),
  word.map((filename) => ({ type: 'file', file: { filename, file_data: 'data:text/plain;base64,AA==' } })),
);
const parts = fc.array(part, { minLength: 2, maxLength: 4 });
const asked = fc.record({ role: fc.constantFrom('user', 'system'), content: fc.oneof(word, parts) });

/** What an assistant says, with the results of its calls behind it. */
const answered = fc
  .record({
    content: fc.option(word),
    refusal: fc.option(word, { freq: 4 }),
    calls: fc.array(fc.record({ name: fc.constantFrom('f', 'g'), input: trickyText, output: trickyText }), { maxLength: 3 }),
  })
  .filter(({ content, refusal, calls }) => content !== null || refusal !== null || calls.length > 0);

const dialogue = fc.array(fc.oneof(asked, answered), { minLength: 1, maxLength: 8 }).map((all) => {
  let number = 0;
  return all.flatMap((one, at): Fields[] => {
    if ('role' in one) return [one];
    // An assistant that goes on without being asked is one that speaks once.
    const before = all[at - 1];
    const asks = before !== undefined && !('role' in before) && before.calls.length === 0;
    const calls = one.calls.map((call) => ({ ...call, id: `call_${(number += 1)}` }));
    return [
      ...(asks ? [{ role: 'user', content: 'Go on.' }] : []),
      {
        role: 'assistant',
        content: one.content,
        ...(one.refusal === null ? {} : { refusal: one.refusal }),
        ...(calls.length === 0
          ? {}
          : { tool_calls: calls.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: input } })) }),
      },
      ...calls.map(({ id, output }) => ({ role: 'tool', tool_call_id: id, content: output })),
    ];
  });
});

const tool = (name: string): Fields => ({
  type: 'function',
  function: { name, description: name, parameters: { type: 'object', properties: { a: { type: 'string' } } }, strict: true },
});
const wishes = fc.record(
  {
    temperature: fc.constantFrom(0, 0.5),
    top_p: fc.constant(0.9),
    reasoning_effort: fc.constantFrom('low', 'high'),
    // A shorter one, which only a chat may ask for, becomes 16.
    max_completion_tokens: fc.nat().filter((tokens) => tokens === 0 || tokens >= 16),
    verbosity: fc.constant('low'),
    response_format: fc.constantFrom<Fields>(
      { type: 'json_object' },
      { type: 'json_schema', json_schema: { name: 'reply', schema: { type: 'object' }, strict: true } },
    ),
    user: word,
    prompt_cache_key: word,
    safety_identifier: word,
    service_tier: fc.constantFrom('auto', 'flex'),
    top_k: fc.nat(),
  },
  { requiredKeys: [] },
);
const armed = fc.option(
  fc.record({
    tools: fc.constant([tool('f'), tool('g')]),
    tool_choice: fc.constantFrom<unknown>('auto', 'none', 'required', { type: 'function', function: { name: 'g' } }),
    parallel_tool_calls: fc.boolean(),
  }),
  { nil: {} },
);
const chatRequest = fc
  .tuple(dialogue, wishes, armed)
  .map(([messages, wants, tools]): Fields => ({ model: 'm', messages, ...wants, ...tools }));

/** A request for a response in the words of chat, as the platform says it. */
function saidInChat({ input, model, ...members }: Fields): Fields {
  const items = (input as Fields[]).map((item, at): StoredItem => normaliseItem(item, `input[${at}]`));
  const told = {
    model: String(model),
    instructions: undefined,
    role: 'system',
    context: undefined,
    items,
    brought: [],
    connection: 'c',
  };
  return atOnce(chatRequestOf(members, told as Parameters<typeof chatRequestOf>[1])).body;
}

describe('a request for a chat', () => {
  it('is the same chat when it was a request for a response in between, and tells the model the same', () => {
    fc.assert(
      fc.property(chatRequest, (chat) => {
        const response = responseRequestOf(chat);
        const back = saidInChat(response);
        expect(back).toEqual(chat);
        expect(toldIn(response, new Set())).toEqual(toldIn(chat, new Set()));
        const { input } = responseRequestOf(back);
        expect(input).toEqual(response['input']);
      }),
      runs,
    );
  });
});
