import { isFields, type Fields } from '../../../../kernel/fields.js';
import { legacyChoice } from '../../wire/legacy-choice.js';
import type { ToldTools } from '../asked/told-tools.js';
import { inputText, wholeCall } from './answer-calls.js';
import { errorOf } from './answer-error.js';
import { AnswerThoughts } from './answer-thoughts.js';
import { AnswerUsage } from './answer-usage.js';
import { finishOf } from './stop-reasons.js';

export interface WholeAnswer {
  /** The members of a chat completion; an `error` for an answer that tells one; none for what is no answer. */
  readonly answer: Fields;
  readonly kept: ReadonlyMap<string, Fields>;
}

/** A message of this wire as a chat completion. */
export function wholeAnswer(given: Fields, tools: ToldTools): WholeAnswer {
  const { type, error, content, usage } = given;
  if (type === 'error' || isFields(error)) return { answer: errorOf(given), kept: new Map() };
  if (!Array.isArray(content)) return { answer: {}, kept: new Map() };
  const blocks = (content as unknown[]).filter(isFields);
  const uses = blocks.filter((block) => block['type'] === 'tool_use');
  const { reason, refusal } = finishOf(given, uses.length > 0);
  const { words, all } = thoughtsOf(blocks);
  const text = textsOf(blocks, 'text').join('');
  const message = {
    role: 'assistant',
    content: text === '' && (uses.length > 0 || refusal !== undefined) ? null : text,
    refusal: refusal ?? null,
    ...(words === '' ? {} : { reasoning_content: words }),
    ...all,
    ...(uses.length === 0 ? {} : { tool_calls: uses.map((use) => wholeCall(use, inputText(use), tools)) }),
  };
  const choice = { index: 0, message, finish_reason: reason, logprobs: null };
  return {
    answer: { choices: [tools.isLegacy ? legacyChoice(choice) : choice], ...usageMember(usage) },
    kept: all === undefined ? new Map() : new Map(uses.map(({ id }) => [String(id), all])),
  };
}

function thoughtsOf(blocks: readonly Fields[]): { readonly words: string; readonly all: Fields | undefined } {
  const thoughts = new AnswerThoughts();
  for (const { type, thinking, signature, data } of blocks) {
    if (type === 'redacted_thinking' && isFilled(data)) thoughts.add({ type, data });
    if (type === 'thinking' && isFilled(signature))
      thoughts.add({ type, thinking: isFilled(thinking) ? thinking : '', signature });
  }
  return { words: textsOf(blocks, 'thinking').join('\n'), all: thoughts.all };
}

/** What the blocks of a type say in the member of its name. */
function textsOf(blocks: readonly Fields[], name: 'text' | 'thinking'): string[] {
  return blocks.flatMap(({ type, [name]: text }) => (type === name && isFilled(text) ? [text] : []));
}

function isFilled(text: unknown): text is string {
  return typeof text === 'string' && text !== '';
}

function usageMember(usage: unknown): Fields {
  const told = new AnswerUsage();
  told.take(usage);
  return told.asChat === undefined ? {} : { usage: told.asChat };
}
