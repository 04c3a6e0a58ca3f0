import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { endConversations } from '../../../../../test/fixtures/conversations/ends.js';
import { wholeOf, type Answer, type Heard } from '../../../../../test/fixtures/conversations/form.js';
import { textConversations } from '../../../../../test/fixtures/conversations/texts.js';
import { thoughtConversations } from '../../../../../test/fixtures/conversations/thoughts.js';
import { toolConversations } from '../../../../../test/fixtures/conversations/tools.js';
import { chatOf, messageOf } from '../../../../../test/support/chat-of-recorded.js';
import { heardOfChat, heardOfChunks } from '../../../../../test/support/recorded-hearing.js';
import { expectedOf } from '../../../../../test/support/recorded-provider.js';
import { contentOf, expectedInPrompt, partsOf, toldInPrompt } from '../../../../../test/support/recorded-sdk.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { sdkDialects } from './sdk-dialects.js';

// A model has no word for refusals and log probabilities; what a provider refuses is not its dialect's matter.
const recorded = [...textConversations, ...toolConversations, ...thoughtConversations, ...endConversations].filter(
  ({ wants, exchanges }) =>
    wants?.logprobs !== true &&
    exchanges.every(({ answer }) => answer.refused === undefined && !answer.pieces.some((piece) => 'refusal' in piece)),
);
const dialect = sdkDialects['sdk:bedrock']?.chat;
if (dialect === undefined) throw new Error('There is no such wire.');

/** What the client hears; undefined for a whole answer that fails. */
function hear(chat: Fields, answer: Answer, streamed: boolean): Heard | undefined {
  const reader = dialect?.reader(chat);
  if (reader === undefined) return undefined;
  if (!streamed) {
    const content = contentOf(answer);
    return content === undefined ? undefined : heardOfChat(reader.whole(content) as unknown as OpenAI.ChatCompletion);
  }
  const chunks = partsOf(answer).flatMap((part) => reader.take(part));
  const rest = reader.end();
  const said = [...chunks, ...(rest ?? [])].filter(({ error }) => error === undefined);
  return heardOfChunks(said as unknown as OpenAI.ChatCompletionChunk[], rest === undefined);
}

/** A function that was called without an input was called with an empty object; a custom call is heard when it is whole. */
function expectedHeard(answer: Answer, streamed: boolean): Heard | undefined {
  const heard = wholeOf(answer);
  if (heard.end === 'failed' && !streamed) return undefined;
  const isCut = answer.end !== undefined && answer.end !== 'stop';
  const calls = heard.calls.map((call) => (call.input === '' && !call.isCustom && !isCut ? { ...call, input: '{}' } : call));
  return { ...heard, calls: isCut ? calls.filter(({ isCustom }) => !isCustom) : calls };
}

describe.each([{ streamed: false }, { streamed: true }])('a recorded conversation, streamed: $streamed', ({ streamed }) => {
  it.each(recorded)('$name', (conversation) => {
    const customs = new Set((conversation.tools ?? []).filter(({ isCustom }) => isCustom).map(({ name }) => name));
    const messages: Fields[] = [];
    for (const [number, { said, answer }] of conversation.exchanges.entries()) {
      messages.push(...said.map(messageOf));
      const chat = chatOf(conversation, messages, streamed);
      const { path, body } = dialect.request(chat, { stream: streamed, kept: () => undefined });
      expect(path).toBe(streamed ? '/stream' : '/generate');
      const told = toldInPrompt(JSON.parse(printExact(body)) as Fields, customs);
      expect(told).toEqual(expectedInPrompt(expectedOf(conversation, number), customs));
      const heard = hear(chat, answer, streamed);
      expect(heard).toEqual(expectedHeard(answer, streamed));
      if (heard === undefined) continue;
      const calls = heard.calls.map(({ id, name, input, isCustom }) =>
        isCustom
          ? { id, type: 'custom', custom: { name, input } }
          : { id, type: 'function', function: { name, arguments: input } },
      );
      messages.push({ role: 'assistant', content: heard.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) });
    }
  });
});
