import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endConversations } from '../../../../../test/fixtures/conversations/ends.js';
import { wholeOf, type Recorded } from '../../../../../test/fixtures/conversations/form.js';
import { textConversations } from '../../../../../test/fixtures/conversations/texts.js';
import { thoughtConversations } from '../../../../../test/fixtures/conversations/thoughts.js';
import { toolConversations } from '../../../../../test/fixtures/conversations/tools.js';
import { askGemini, exact } from '../../../../../test/support/gemini-client.js';
import { faultOfRequest } from '../../../../../test/support/gemini-faults.js';
import {
  endEvent,
  partsEvent,
  startGeminiProvider,
  tellGemini,
  textEvent,
  type GeminiProvider,
} from '../../../../../test/support/gemini-provider.js';
import { trickyText } from '../../../../../test/support/json-arbitraries.js';
import { asGeminiTellsIt, heldWithGemini, sayInGemini, toldInGemini } from '../../../../../test/support/recorded-gemini.js';
import { expectedOf } from '../../../../../test/support/recorded-provider.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { geminiChat } from './gemini-dialect.js';

let provider: GeminiProvider;
beforeAll(async () => {
  provider = await startGeminiProvider();
});
afterAll(() => provider.close());

const model = 'gemini-3-flash-preview';
const weather = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
const lastParts = () => (provider.asked.at(-1)?.body['contents'] as { parts: Fields[] }[]).flatMap(({ parts }) => parts);

describe.each([false, true])('with a stream: %p', (streamed) => {
  it('a call, its result and the answer keep the signature, also for a client that loses it', async () => {
    const question = { role: 'user', content: 'Weather?' };
    provider.answerWith((asked, response) =>
      tellGemini(response, asked.streamed, [
        partsEvent({ functionCall: { id: 'a', name: 'weather', args: { city: 'Ulm' } }, thoughtSignature: 'c2ln' }),
        partsEvent({ functionCall: { id: 'b', name: 'weather', args: { city: 'Bonn' } } }),
        endEvent(),
      ]),
    );
    const { choices, kept } = await askGemini(provider.url, { model, messages: [question], tools: [weather] }, { streamed });
    const message = (choices[0] as { message: Fields }).message;
    const calls = message['tool_calls'] as Fields[];
    const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }));
    const forgetful = { ...message, tool_calls: calls.map(({ id, type, function: told }) => ({ id, type, function: told })) };
    provider.answerWith((asked, response) => tellGemini(response, asked.streamed, [textEvent('Sunny.'), endEvent()]));
    for (const [said, store, signature] of [
      [message, undefined, 'c2ln'],
      [forgetful, kept, 'c2ln'],
      [forgetful, undefined, 'skip_thought_signature_validator'],
    ] as const) {
      const chat = { model, messages: [question, said, ...results], tools: [weather] };
      expect(await askGemini(provider.url, chat, { streamed, ...(store === undefined ? {} : { kept: store }) })).toMatchObject({
        choices: [{ message: { content: 'Sunny.' }, finish_reason: 'stop' }],
      });
      expect(lastParts()[1]).toMatchObject({ functionCall: { id: 'a' }, thoughtSignature: signature });
    }
  });

  it('a refused request is no answer', async () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    const chat = { model, messages, tools: [weather], tool_choice: 'required', response_format: { type: 'json_object' } };
    expect(await askGemini(provider.url, chat, { streamed })).toMatchObject({
      status: 400,
      choices: [],
      error: "Forced function calling (ANY mode) with a response mime type: 'application/json' is unsupported",
    });
  });
});

const recorded = [...textConversations, ...toolConversations, ...thoughtConversations, ...endConversations];
const held = recorded.map(heldWithGemini).filter((one): one is Recorded => one !== undefined);
const parameters = { type: 'object', properties: { city: { type: 'string' } } };

function messagesOf({ said }: Recorded['exchanges'][number]): Fields[] {
  return said.map((one): Fields => {
    if ('system' in one) return { role: 'system', content: one.system };
    if ('resultOf' in one) return { role: 'tool', tool_call_id: one.resultOf, content: one.output };
    if (typeof one.user === 'string') return { role: 'user', content: one.user };
    const parts = one.user.map((part) => {
      if ('text' in part) return { type: 'text', text: part.text };
      if ('file' in part) return { type: 'file', file: { file_data: part.file, filename: part.name } };
      return { type: 'image_url', image_url: { url: part.image } };
    });
    return { role: 'user', content: parts };
  });
}

function chatOf({ tools = [], wants = {} }: Recorded, messages: readonly Fields[]): Fields {
  const offered = tools.map(({ name, isCustom }) =>
    isCustom === true ? { type: 'custom', custom: { name } } : { type: 'function', function: { name, parameters } },
  );
  const { schema, effort, limit } = wants;
  return {
    model,
    messages,
    ...(tools.length === 0 ? {} : { tools: offered }),
    ...(schema === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'reply', schema } } }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(limit === undefined ? {} : { max_completion_tokens: limit }),
  };
}

describe.each([false, true])('recorded conversations, with a stream: %p', (streamed) => {
  it.each(held)('$name', async (conversation) => {
    const customs = new Set((conversation.tools ?? []).filter(({ isCustom }) => isCustom).map(({ name }) => name));
    const messages: Fields[] = [];
    for (const [number, exchange] of conversation.exchanges.entries()) {
      provider.answerWith((asked, response) => sayInGemini(response, exchange.answer, asked.streamed));
      messages.push(...messagesOf(exchange));
      const { choices, usage, error } = await askGemini(provider.url, chatOf(conversation, messages), { streamed });
      const { thought, text, calls, end, usage: counted } = wholeOf(exchange.answer);
      if (exchange.answer.refused !== undefined) expect(error).toBeDefined();
      else if (end === 'failed') expect(choices).toEqual([]);
      else {
        const [choice] = choices as unknown as { message: Fields; finish_reason: string }[];
        expect([choice?.message['content'] ?? '', choice?.message['reasoning_content'] ?? '']).toEqual([text, thought]);
        expect(choice?.finish_reason).toBe(end === 'calls' ? 'tool_calls' : end);
        expect(usage).toMatchObject({ prompt_tokens: counted?.input, completion_tokens: counted?.output });
        const told = ((choice?.message['tool_calls'] ?? []) as Record<string, Record<string, unknown>>[]).map(
          ({ id, function: f, custom }) =>
            custom === undefined ? [id, f?.['name'], f?.['arguments'], false] : [id, custom['name'], custom['input'], true],
        );
        expect(told).toEqual(calls.map(({ id, name, input, isCustom }) => [id, name, input, isCustom]));
        messages.push(choice?.message ?? {});
      }
      const body = provider.asked.at(-1)?.body ?? {};
      expect(toldInGemini(body, customs)).toEqual(asGeminiTellsIt(expectedOf(conversation, number)));
    }
  });
});

it('most recorded conversations can be held', () => expect(held.length).toBeGreaterThanOrEqual(40));

const word = trickyText.filter((text) => text !== '');
const data = fc.constantFrom('data:image/png;base64,AA==', 'data:application/pdf;base64,AB==', 'https://images.example/a.png');
const asks = fc.record({
  role: fc.constantFrom('user', 'system'),
  content: fc.oneof(
    word,
    fc.array(
      word.map((text) => ({ type: 'text', text })),
      { minLength: 1, maxLength: 3 },
    ),
  ),
});
const shows = data.map((url) => ({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }));
const answers = fc.record({
  content: fc.option(word),
  calls: fc.array(fc.record({ args: fc.dictionary(fc.constantFrom('a', 'b', 'é'), word), output: trickyText }), { maxLength: 3 }),
});
const dialogues = fc.array(fc.oneof(asks, shows, answers), { minLength: 1, maxLength: 8 }).map((all) => {
  let number = 0;
  return all.flatMap((one): Fields[] => {
    if ('role' in one) return [one];
    const calls = one.calls.map((told) => ({ ...told, id: `call_${(number += 1)}` }));
    const said = calls.map(({ id, args }) => ({
      id,
      type: 'function',
      function: { name: 'f', arguments: JSON.stringify(args) },
    }));
    return [
      { role: 'user', content: 'Go on.' },
      { role: 'assistant', content: one.content, ...(said.length === 0 ? {} : { tool_calls: said }) },
      ...calls.map(({ id, output }) => ({ role: 'tool', tool_call_id: id, content: output })),
    ];
  });
});

/** What a chat tells, in the form of `Told`. */
function toldInChat(messages: readonly Fields[]): (readonly [string, ...unknown[]])[] {
  const texts = (content: unknown): unknown[] => {
    if (!Array.isArray(content)) return [content];
    return (content as Fields[]).map((part) => part['text'] ?? (part['image_url'] as Fields)['url']);
  };
  return messages.flatMap(({ role, content, tool_calls: calls, tool_call_id: id }): (readonly [string, ...unknown[]])[] => {
    if (role === 'tool') return [['result', id, content]];
    if (role === 'user') return [['user', ...texts(content)]];
    if (role === 'system') return texts(content).map((text) => ['system', text]);
    const told = ((calls ?? []) as { id: string; function: Fields }[]).map(
      (call) => ['call', call.id, call.function['name'], call.function['arguments']] as const,
    );
    return [...(content === null ? [] : [['assistant', content] as const]), ...told];
  });
}

describe('any chat', () => {
  it('is one that Gemini takes, and is told there as it was said', () => {
    fc.assert(
      fc.property(dialogues, (dialogue) => {
        const messages = [...dialogue, { role: 'user', content: 'Now?' }];
        const { body } = geminiChat.request(exact({ model, messages }), { stream: false, kept: () => undefined });
        const sent = JSON.parse(printExact(body)) as Fields;
        expect(faultOfRequest(model, sent)).toBeUndefined();
        const all = toldInChat(messages);
        const expected = [...all.filter(([who]) => who === 'system'), ...all.filter(([who]) => who !== 'system')];
        expect(toldInGemini(sent, new Set()).slice(2)).toEqual(asGeminiTellsIt(expected));
      }),
      { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 3_000 : 200 },
    );
  });
});
