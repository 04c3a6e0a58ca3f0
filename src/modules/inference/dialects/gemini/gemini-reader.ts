import { isFields, type Fields } from '../../../../kernel/fields.js';
import { saysError } from '../../../provider-answers/answer-fault.js';
import { toldTools } from '../asked/told-tools.js';
import type { ChatReader } from '../dialect.js';
import { endingOf, isBlocked, type Ending } from './finish-reasons.js';
import { chatUsage } from './gemini-usage.js';
import { SaidParts, type Said } from './said-parts.js';
import { signedMembers } from './thought-signatures.js';

/**
 * Reads an answer of `generateContent`, or the events of `streamGenerateContent`: each says what has come since the one before.
 * The reason why the answer ended and the usage may stand in more than one event, so they are told at the end of the stream.
 */
export class GeminiReader implements ChatReader {
  private readonly parts: SaidParts;
  private readonly isLegacy: boolean;
  private ending: Ending | undefined;
  private usage: Fields | undefined;
  private hasRole = false;

  constructor(chat: Fields) {
    const { customs, isLegacy } = toldTools(chat);
    this.parts = new SaidParts(customs);
    this.isLegacy = isLegacy;
  }

  get finished(): boolean {
    return this.ending !== undefined && 'finish' in this.ending;
  }

  /** A stream of Gemini ends with its connection. */
  get ended(): boolean {
    return false;
  }

  get kept(): ReadonlyMap<string, Fields> {
    return this.parts.kept;
  }

  take(event: Fields): readonly Fields[] {
    if (this.isOver(event)) return [];
    if (saysError(event)) return this.fail(wordsOf(event['error']));
    const said = this.read(event);
    const chunks = said === undefined ? [] : this.deltaOf(said);
    return this.ending !== undefined && 'fault' in this.ending ? [...chunks, ...this.fail(this.ending.fault)] : chunks;
  }

  end(): readonly Fields[] | undefined {
    if (this.ending === undefined || 'fault' in this.ending) return undefined;
    const delta = this.hasRole ? {} : { role: 'assistant', content: '' };
    const last = { choices: [{ index: 0, delta, finish_reason: this.finishReason(this.ending.finish), logprobs: null }] };
    const usage = chatUsage(this.usage);
    return usage === undefined ? [last] : [last, { choices: [], usage }];
  }

  whole(given: Fields): Fields {
    if (saysError(given)) return { error: { message: wordsOf(given['error']) } };
    const said = this.read(given) ?? this.parts.take([]);
    if (this.ending !== undefined && 'fault' in this.ending) return { error: { message: this.ending.fault } };
    const usage = chatUsage(this.usage);
    const told = usage === undefined ? {} : { usage };
    if (this.ending === undefined) return told;
    const finish = this.finishReason(this.ending.finish);
    return { choices: [{ index: 0, message: this.messageOf(said), logprobs: null, finish_reason: finish }], ...told };
  }

  /** After a fault nothing is said, and after the end no fault is: the answer is whole. */
  private isOver(event: Fields): boolean {
    if (this.ending === undefined) return false;
    return 'fault' in this.ending || saysError(event);
  }

  /** What an event, or a whole answer, says of its first candidate; undefined where it has none. */
  private read({ candidates, usageMetadata: usage, promptFeedback: feedback }: Fields): Said | undefined {
    if (isFields(usage)) this.usage = usage;
    const candidate: unknown = Array.isArray(candidates) ? (candidates as unknown[])[0] : undefined;
    if (isFields(candidate)) this.ending = endingOf(candidate) ?? this.ending;
    if (this.ending === undefined && isBlocked(feedback)) this.ending = { finish: 'content_filter' };
    if (!isFields(candidate) || !isFields(candidate['content'])) return undefined;
    const { parts } = candidate['content'];
    return Array.isArray(parts) ? this.parts.take(parts as unknown[]) : undefined;
  }

  private deltaOf(said: Said): Fields[] {
    const delta = this.membersOf(said, said.text === '' ? undefined : said.text);
    if (Object.keys(delta).length === 0) return [];
    const first = this.hasRole ? {} : { role: 'assistant' };
    this.hasRole = true;
    return [{ choices: [{ index: 0, delta: { ...first, ...delta }, finish_reason: null, logprobs: null }] }];
  }

  private messageOf(said: Said): Fields {
    const calls = said.calls.map(({ index: _place, ...call }) => call);
    const content = said.text === '' && calls.length > 0 ? null : said.text;
    return { role: 'assistant', refusal: null, ...this.membersOf({ ...said, calls }, content) };
  }

  private membersOf({ thought, calls, signature }: Said, content: string | null | undefined): Fields {
    return {
      ...(thought === '' ? undefined : { reasoning_content: thought }),
      ...(content === undefined ? undefined : { content }),
      ...(calls.length === 0 ? undefined : this.callMembers(calls)),
      ...(signature === undefined ? undefined : signedMembers(signature)),
    };
  }

  /** A client that asked with the deprecated `functions` knows one call, and no list of them. */
  private callMembers(calls: readonly Fields[]): Fields {
    if (!this.isLegacy) return { tool_calls: calls };
    return this.parts.calls > calls.length ? {} : { function_call: calls[0]?.['function'] };
  }

  private finishReason(finish: string): string {
    if (finish !== 'stop' || this.parts.calls === 0) return finish;
    return this.isLegacy ? 'function_call' : 'tool_calls';
  }

  private fail(message: string): Fields[] {
    this.ending = { fault: message };
    return [{ error: { message } }];
  }
}

/** What an error says, in whichever form it came. */
function wordsOf(error: unknown): string {
  const message = isFields(error) ? error['message'] : error;
  return typeof message === 'string' && message !== '' ? message : 'The provider failed.';
}
