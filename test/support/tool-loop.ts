import type { ServerResponse } from 'node:http';
import type OpenAI from 'openai';
import type { ChatCompletionMessageParam, ChatCompletionMessageToolCall } from 'openai/resources/chat/completions';
import type { Fields } from '../../src/kernel/fields.js';
import { sayBlocks, startAnthropicProvider, thoughtBlock } from './anthropic-provider.js';
import { endEvent, partsEvent, startGeminiProvider, tellGemini, textEvent } from './gemini-provider.js';

/** What a tool loop is made of, as a client of OpenAI has it that keeps no members which OpenAI does not know. */
export interface ToolLoop {
  readonly model: string;
  readonly messages: ChatCompletionMessageParam[];
}

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
export const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];

/** The first turn of a loop, up to the results of its calls. */
export async function firstTurn(client: OpenAI, model: string, streamed: boolean): Promise<ToolLoop> {
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'How is the weather in Rome and in Oslo?' }];
  const asked = { model, messages, tools, reasoning_effort: 'high' as const };
  const { choices } = streamed
    ? await client.chat.completions.stream(asked).finalChatCompletion()
    : await client.chat.completions.create(asked);
  const said = choices[0]?.message;
  const calls = (said?.tool_calls ?? []).map(knownCall);
  const results = calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'Sun.' }));
  return { model, messages: [...messages, { role: 'assistant', content: said?.content ?? null, tool_calls: calls }, ...results] };
}

/** The second turn of a loop: what the model says in the end. */
export async function secondTurn(client: OpenAI, { model, messages }: ToolLoop): Promise<string | null | undefined> {
  const asked = { model, messages, tools, reasoning_effort: 'high' as const };
  return (await client.chat.completions.create(asked)).choices[0]?.message.content;
}

function knownCall(call: ChatCompletionMessageToolCall): ChatCompletionMessageToolCall {
  if (call.type !== 'function') throw new Error('A custom tool was not offered.');
  const { id, type, function: told } = call;
  return { id, type, function: { name: told.name, arguments: told.arguments } };
}

/** A provider that thinks, calls two tools at once, and says `Done.` when it has their results. */
export interface ThinkingProvider {
  readonly wire: 'anthropic' | 'gemini';
  readonly url: string;
  readonly model: string;
  /** Whether the provider was last given back what it signed: `none` where the platform has said nothing of it. */
  given(): 'signed' | 'none';
  close(): Promise<void>;
}

const cities = ['Rome', 'Oslo'];

export async function startThinkingAnthropic(): Promise<ThinkingProvider> {
  const provider = await startAnthropicProvider();
  const thought = thoughtBlock('I look it up.');
  let made = 0;
  const call = (city: string): Fields => ({ type: 'tool_use', id: `toolu_${(made += 1)}`, name: 'weather', input: { city } });
  provider.answerWith((body, response) => {
    const isFirst = (body['messages'] as unknown[]).length === 1;
    sayBlocks(isFirst ? [thought, ...cities.map(call)] : [{ type: 'text', text: 'Done.' }])(body, response);
  });
  return {
    wire: 'anthropic',
    url: provider.url,
    model: 'claude-sonnet-4-5',
    given: () => {
      const { messages, thinking } = provider.bodies.at(-1) as { messages: { content: Fields[] }[]; thinking?: unknown };
      const [block] = messages[1]?.content ?? [];
      return thinking !== undefined && JSON.stringify(block) === JSON.stringify(thought) ? 'signed' : 'none';
    },
    close: () => provider.close(),
  };
}

export async function startThinkingGemini(): Promise<ThinkingProvider> {
  const provider = await startGeminiProvider();
  const call = (city: string): Fields => ({ functionCall: { name: 'weather', args: { city } } });
  const [rome, oslo] = cities.map(call) as [Fields, Fields];
  provider.answerWith(({ body, streamed }, response: ServerResponse) => {
    const isFirst = (body['contents'] as unknown[]).length === 1;
    const said = isFirst ? partsEvent({ ...rome, thoughtSignature: 'c2lnbmVk' }, oslo) : textEvent('Done.');
    tellGemini(response, streamed, [said, endEvent()]);
  });
  return {
    wire: 'gemini',
    url: provider.url,
    model: 'gemini-3-pro-preview',
    given: () => {
      const { contents } = provider.asked.at(-1)?.body as { contents: { parts: Fields[] }[] };
      const signatures = contents[1]?.parts.map(({ thoughtSignature }) => thoughtSignature);
      return JSON.stringify(signatures) === '["c2lnbmVk",null]' ? 'signed' : 'none';
    },
    close: () => provider.close(),
  };
}
