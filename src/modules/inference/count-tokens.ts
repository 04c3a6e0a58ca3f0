import type { UsageTokens } from './wire/usage-tokens.js';

/** Beyond this a text's tokens are taken from its length: exact counting of a huge text would hold up other calls. */
const exactCharacters = 200_000;
const charactersPerToken = 4;

type Counter = (text: string) => number;

let counter: Promise<Counter> | undefined;

/** The tokenizer is loaded on first use: it is large, and providers that report usage never need it. */
function loadCounter(): Promise<Counter> {
  counter ??= import('gpt-tokenizer').then(
    ({ countTokens }) =>
      (text: string) =>
        countTokens(text, { disallowedSpecial: new Set() }),
  );
  return counter;
}

/**
 * Tokens of a call whose provider did not tell them, counted from what was sent and received with the o200k encoding:
 * an honest estimate for models with another one, booked with source `counted`.
 */
export async function countUsage(requestBody: Buffer, output: string): Promise<UsageTokens> {
  const count = await loadCounter();
  const tokens = (text: string): number =>
    text.length > exactCharacters ? Math.ceil(text.length / charactersPerToken) : count(text);
  const request = parseOrNull(requestBody.toString('utf8'));
  const inputTokens = tokens(inputText(request)) + tokenIds(request);
  const outputTokens = tokens(output);
  return { inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0, totalTokens: inputTokens + outputTokens };
}

interface RequestTexts {
  readonly messages?: unknown;
  readonly prompt?: unknown;
  readonly input?: unknown;
  readonly tools?: unknown;
}

/** The texts of a request: message contents, prompts, inputs, and the tools that the model is told of. */
function inputText(request: unknown): string {
  const { messages, prompt, input, tools } = (request ?? {}) as RequestTexts;
  const texts: string[] = [];
  collect([messages, prompt, input], texts);
  if (tools !== undefined) texts.push(JSON.stringify(tools));
  return texts.join('\n');
}

/** How many tokens a request holds as numbers: each stands for one. */
function tokenIds(request: unknown): number {
  const { prompt, input } = (request ?? {}) as RequestTexts;
  return [prompt, input].flat(2).filter((part) => typeof part === 'number').length;
}

/** Members of a message that are no text to a model: addresses and bytes of images, sounds and files. */
const notText = new Set(['image_url', 'input_audio', 'file', 'type']);

/** Strings of a value. */
function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) for (const item of value) collect(item, texts);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) if (!notText.has(name)) collect(member, texts);
  }
}

interface Choice {
  readonly text?: unknown;
  readonly message?: unknown;
  readonly delta?: unknown;
}

/** What a chat or completion reply says, or one chunk of it: content, reasoning, refusals and arguments of tool calls. */
export function outputText(reply: unknown): string {
  if (typeof reply !== 'object' || reply === null) return '';
  const { choices } = reply as { readonly choices?: unknown };
  if (!Array.isArray(choices)) return '';
  return (choices as (Choice | null)[]).map((choice) => (choice === null ? '' : choiceText(choice))).join('');
}

function choiceText(choice: Choice): string {
  if (typeof choice.text === 'string') return choice.text;
  const said = choice.message ?? choice.delta;
  if (typeof said !== 'object' || said === null) return '';
  const { content, reasoning_content: reasoning, refusal, tool_calls: calls } = said as Record<string, unknown>;
  const parts = [content, reasoning, refusal].filter((part) => typeof part === 'string');
  if (Array.isArray(calls)) {
    for (const call of calls as { function?: { name?: unknown; arguments?: unknown } }[]) {
      for (const part of [call.function?.name, call.function?.arguments]) if (typeof part === 'string') parts.push(part);
    }
  }
  return parts.join('');
}

/** What the events of a stream said together. */
export function streamText(events: readonly Buffer[]): string {
  const lines = Buffer.concat(events).toString('utf8').split(/\r?\n/);
  return lines.map((line) => (line.startsWith('data:') ? outputText(parseOrNull(line.slice(5))) : '')).join('');
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
