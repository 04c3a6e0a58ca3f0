import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { endConversations } from '../../../../../test/fixtures/conversations/ends.js';
import { wholeOf, type Answer } from '../../../../../test/fixtures/conversations/form.js';
import { textConversations } from '../../../../../test/fixtures/conversations/texts.js';
import { thoughtConversations } from '../../../../../test/fixtures/conversations/thoughts.js';
import { toolConversations } from '../../../../../test/fixtures/conversations/tools.js';
import { dataOf, startAnthropicProvider, type AnthropicProvider } from '../../../../../test/support/anthropic-provider.js';
import { chatOf, messageOf } from '../../../../../test/support/chat-of-recorded.js';
import {
  expectedInAnthropic,
  heardInAnthropic,
  sayInAnthropic,
  toldInAnthropic,
} from '../../../../../test/support/recorded-anthropic.js';
import { heardOfChat, heardOfChunks } from '../../../../../test/support/recorded-hearing.js';
import { expectedOf } from '../../../../../test/support/recorded-provider.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { anthropic } from './anthropic.js';

const recorded = [...textConversations, ...toolConversations, ...thoughtConversations, ...endConversations].filter(
  ({ wants, exchanges }) => wants?.logprobs !== true && exchanges.every(({ answer }) => answer.refused === undefined),
);
const headers = { 'x-api-key': 'key', 'anthropic-version': '2023-06-01' };

let provider: AnthropicProvider;
beforeAll(async () => {
  provider = await startAnthropicProvider();
});
afterAll(() => provider.close());

/** Asks, and puts what was answered behind the messages. @returns what was heard; undefined for a whole answer that failed. */
async function ask(chat: Fields, messages: Fields[]) {
  const streamed = chat['stream'] === true;
  const { body, path } = anthropic.request(chat, { stream: streamed, kept: () => undefined });
  const response = await fetch(`${provider.url}${path}`, { method: 'POST', headers, body: printExact(body) });
  let text = '';
  try {
    for await (const piece of response.body ?? []) text += Buffer.from(piece as Uint8Array).toString('latin1');
  } catch {
    if (!streamed) return undefined;
  }
  const reader = anthropic.reader(chat);
  const told = Buffer.from(text, 'latin1').toString('utf8');
  if (!streamed) {
    const whole = reader.whole(JSON.parse(told) as Fields);
    const [choice] = (whole['choices'] ?? []) as { message: Fields }[];
    if (choice === undefined) return undefined;
    messages.push(choice.message);
    return heardOfChat(whole as unknown as OpenAI.ChatCompletion);
  }
  const events = dataOf(told);
  const chunks = events.flatMap((event) => reader.take(event)).filter(({ error }) => error === undefined);
  const heard = heardOfChunks(chunks as unknown as OpenAI.ChatCompletionChunk[], !reader.finished);
  const { text: content, refusal, calls } = heard;
  const tool_calls = calls.map(({ id, name, input, isCustom }) =>
    isCustom ? { id, type: 'custom', custom: { name, input } } : { id, type: 'function', function: { name, arguments: input } },
  );
  messages.push({ role: 'assistant', content, ...(refusal === '' ? {} : { refusal }), tool_calls });
  return heard;
}

function expectedHeard(answer: Answer, streamed: boolean) {
  const heard = heardInAnthropic(wholeOf(answer));
  return heard.end !== 'failed' ? heard : streamed ? { ...heard, calls: expect.anything() as unknown } : undefined;
}

describe.each([{ streamed: false }, { streamed: true }])('a recorded conversation, streamed: $streamed', ({ streamed }) => {
  it.each(recorded)('$name', async (conversation) => {
    const customs = new Set((conversation.tools ?? []).filter(({ isCustom }) => isCustom).map(({ name }) => name));
    const messages: Fields[] = [];
    for (const [number, { said, answer }] of conversation.exchanges.entries()) {
      provider.answerWith((body, response) => sayInAnthropic(response, answer, body['stream'] === true));
      messages.push(...said.map(messageOf));
      expect(await ask(chatOf(conversation, messages, streamed), messages)).toEqual(expectedHeard(answer, streamed));
      const told = toldInAnthropic(provider.bodies.at(-1) ?? {}, customs);
      expect(told).toEqual(expectedInAnthropic(expectedOf(conversation, number), customs));
    }
  });
});
