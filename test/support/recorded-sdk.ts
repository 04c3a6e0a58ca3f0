import { isFields, type Fields } from '../../src/kernel/fields.js';
import { usualUsage, wholeOf, type Answer, type Heard, type Told, type Usage } from '../fixtures/conversations/form.js';
import { expectedInAnthropic } from './recorded-anthropic.js';

const finishes = { length: 'length', content_filter: 'content-filter', stop: 'stop' } as const;

/** The parts of a model's stream that say a recorded answer, as `platform/ai-sdk` writes them. */
export function partsOf(answer: Answer): Fields[] {
  const { end = 'stop', usage = usualUsage } = answer;
  const { calls } = wholeOf(answer);
  const parts: Fields[] = [{ type: 'stream-start', warnings: [] }];
  for (const piece of answer.pieces) {
    if ('thought' in piece)
      parts.push({ type: 'reasoning-delta', id: '0', delta: (piece.isNext === true ? '\n' : '') + piece.thought });
    else if ('text' in piece) parts.push({ type: 'text-delta', id: '1', delta: piece.text });
    else if ('call' in piece) {
      if ('name' in piece) parts.push({ type: 'tool-input-start', id: piece.call, toolName: piece.name });
      parts.push({ type: 'tool-input-delta', id: piece.call, delta: piece.input });
    }
  }
  if (end === 'stop') parts.push(...calls.map(callPart));
  if (end === 'error') return [...parts, { type: 'error', is: 'provider' }];
  if (end === 'broken' || end === 'stopped') return parts;
  return [...parts, { type: 'finish', ...endOf(finishes[end], usage) }];
}

/** The content of a model's whole answer; undefined where it fails. */
export function contentOf(answer: Answer): Fields | undefined {
  const { end = 'stop', usage = usualUsage } = answer;
  if (end === 'error' || end === 'broken' || end === 'stopped') return undefined;
  const { thought, text, calls } = wholeOf(answer);
  const content = [{ type: 'reasoning', text: thought }, { type: 'text', text }, ...calls.map(callPart)];
  return { content, ...endOf(finishes[end], usage) };
}

function callPart({ id, name, input, isCustom }: Heard['calls'][number]): Fields {
  return { type: 'tool-call', toolCallId: id, toolName: name, input: isCustom ? JSON.stringify({ input }) : input };
}

function endOf(unified: string, { input, output, cached, thought }: Usage): Fields {
  return {
    finishReason: { unified, raw: 'said by the provider' },
    usage: {
      inputTokens: { total: input, noCache: input - cached, cacheRead: cached },
      outputTokens: { total: output, text: output - thought, reasoning: thought },
    },
  };
}

/** What a request tells the model, in the form of {@link expectedInPrompt}. @param customs names of tools that take a text. */
export function toldInPrompt(body: Fields, customs: ReadonlySet<string>): Told {
  const { tools, prompt, responseFormat: format, maxOutputTokens: limit } = body;
  const wants = { schema: isFields(format) ? format['schema'] : null, logprobs: false, effort: null, limit: limit ?? null };
  return [
    ['tools', ...listOf(tools).map(({ name }) => name)],
    ['wants', wants],
    ...listOf(prompt).flatMap(({ role, content }): Told => {
      if (role === 'system') return [['system', content]];
      if (role === 'user') return [['user', ...listOf(content).map(partTold)]];
      return joined(listOf(content).map((part) => answerTold(part, customs)));
    }),
  ];
}

/** What `expectedOf` says as far as a prompt can say it, which is as far as Anthropic's wire can, without an effort. */
export function expectedInPrompt(told: Told, customs: ReadonlySet<string>): Told {
  const [tools, wants, ...said] = expectedInAnthropic(told, customs);
  if (tools === undefined || wants === undefined) return told;
  return [tools, ['wants', { ...(wants[1] as Fields), effort: null }], ...said];
}

function answerTold(
  { type, text, toolCallId: id, toolName: name, input, output }: Fields,
  customs: ReadonlySet<string>,
): Told[number] {
  if (type === 'text') return ['assistant', text];
  if (type === 'tool-result') return ['result', id, isFields(output) ? output['value'] : undefined];
  return ['call', id, name, customs.has(String(name)) && isFields(input) ? input['input'] : JSON.stringify(input)];
}

/** Texts of the assistant in a row are one. */
function joined(told: Told): Told {
  const all: [string, ...unknown[]][] = [];
  for (const [who, ...what] of told) {
    const last = all.at(-1);
    if (who === 'assistant' && last?.[0] === who) last[1] = `${String(last[1])}${String(what[0])}`;
    else all.push([who, ...what]);
  }
  return all;
}

function partTold({ type, text, mediaType, base64, url, filename }: Fields): unknown {
  if (type === 'text') return text;
  const address = typeof url === 'string' ? url : `data:${String(mediaType)};base64,${String(base64)}`;
  return String(mediaType).startsWith('image/') ? `image ${address}` : `file ${String(filename)} ${address}`;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isFields) : [];
}
