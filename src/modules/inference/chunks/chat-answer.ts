import { isFields, type Fields } from '../../../kernel/fields.js';
import { numberOf } from '../wire/exact-json.js';
import { grownParts } from './answer-parts.js';
import { furtherMembers, withPiece } from '../wire/further-members.js';
import { callIdOfFunction } from '../call/function-call.js';
import { OpenCalls } from './open-calls.js';
import { Tally } from './tally.js';

/** A call of a tool in an answer; `input` is JSON for a function and free text for a custom tool. */
export interface AnsweredCall {
  readonly id: string;
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly input: string;
  /** Further members of the call, and of the function or custom tool within it. */
  readonly further?: Fields | undefined;
  readonly furtherOfTool?: Fields | undefined;
}

/** What the first choice of a chat reply says. */
export interface ChatAnswer {
  readonly text: string | null;
  readonly refusal: string | null;
  readonly calls: readonly AnsweredCall[];
  /** Further members of the message, e.g. what a model thought. */
  readonly further?: Fields | undefined;
  /** The content, where it is a list of parts. */
  readonly parts?: readonly unknown[] | undefined;
}

const knownOfMessage = new Set(['role', 'content', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations']);
/** Gathers the first choice of a reply, from its one message or from the deltas of its chunks. */
export class AnswerCollector {
  private text: string | null = null;
  private refusal: string | null = null;
  private readonly calls = new OpenCalls();
  private further: Fields | undefined;
  private parts: unknown[] | undefined;
  /** The texts that came before any part. */
  private plainText = '';
  private seen = false;
  private readonly tally = new Tally();
  private isFinished = false;

  /** A choice, whichever, has its `finish_reason`. */
  get finished(): boolean {
    return this.isFinished;
  }

  /** Characters gathered so far. */
  get characters(): number {
    return this.tally.characters + this.calls.characters;
  }

  /** Takes a plain reply or a chunk, with its numbers as they were written. What is no reply says nothing. */
  add(reply: unknown): void {
    if (!isFields(reply) || !Array.isArray(reply['choices'])) return;
    for (const choice of reply['choices'] as unknown[]) {
      if (!isFields(choice)) continue;
      if (typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '') this.isFinished = true;
      const said = choice['message'] ?? choice['delta'];
      if (numberOf(choice['index'] ?? 0) === 0 && isFields(said)) this.addSaid(said, isFields(choice['message']));
    }
  }

  /** The whole answer, its deprecated `function_call` as a call like others; undefined when there was none. */
  answer(): ChatAnswer | undefined {
    if (!this.seen) return undefined;
    const { legacy, ...answer } = this.said();
    if (legacy === undefined) return answer;
    return { ...answer, calls: [...answer.calls, { ...legacy, id: callIdOfFunction(legacy.name) }] };
  }

  /** What was said so far, its deprecated `function_call` by itself. */
  said(): ChatAnswer & { readonly legacy?: AnsweredCall } {
    const { text, refusal, further, parts } = this;
    const { all, ofFunction: legacy } = this.calls;
    return {
      text,
      refusal,
      calls: all.filter(({ name }) => name !== ''),
      ...(legacy === undefined || legacy.name === '' ? {} : { legacy }),
      ...(further === undefined ? {} : { further }),
      ...(parts === undefined ? {} : { parts }),
    };
  }

  private addSaid(said: Fields, whole: boolean): void {
    this.seen = true;
    const { content, refusal, tool_calls: calls, function_call: legacy, audio } = said;
    const spoken = textOf(content) ?? (isFields(audio) ? audio['transcript'] : undefined);
    if (typeof spoken === 'string') this.text = (this.text ?? '') + this.tally.text(spoken);
    if (typeof refusal === 'string') this.refusal = (this.refusal ?? '') + this.tally.text(refusal);
    this.addParts(content, whole);
    this.further = withPiece(this.further, this.tally.members(furtherMembers(said, knownOfMessage)));
    if (Array.isArray(calls)) this.calls.add(calls as unknown[], whole);
    if (isFields(legacy)) this.calls.addFunction(legacy);
  }

  /** A content that once came as parts stays parts: a text before or behind them is one, too. */
  private addParts(content: unknown, whole: boolean): void {
    if (Array.isArray(content)) {
      const list = content as unknown[];
      const before = this.parts ?? (this.plainText === '' ? [] : [{ type: 'text', text: this.plainText }]);
      this.parts = whole ? list : grownParts(before, list);
    } else if (typeof content === 'string' && content !== '') {
      if (this.parts === undefined) this.plainText += content;
      else this.parts = grownParts(this.parts, [{ type: 'text', text: content }]);
    }
  }
}

/** The text of a content: itself, or what its parts of text say together. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = (content as unknown[])
    .filter(isFields)
    .flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []));
  return texts.length === 0 ? undefined : texts.join('');
}
