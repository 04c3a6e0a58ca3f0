import { isFields, type Fields } from '../../../../kernel/fields.js';
import { legacyChoice } from '../../wire/legacy-choice.js';
import { toldTools, type ToldTools } from '../asked/told-tools.js';
import type { ChatReader } from '../dialect.js';
import { SdkCalls } from './sdk-calls.js';
import { sdkEnding, type SdkEnding } from './sdk-finish.js';
import { sdkUsage } from './sdk-usage.js';

const nothing: readonly Fields[] = [];
const failed: Fields = { error: { message: 'The provider reported an error.' } };

/** Reads the answer of a model: the parts of its stream, or its content. */
export class SdkReader implements ChatReader {
  private readonly tools: ToldTools;
  private readonly calls: SdkCalls;
  private ending: SdkEnding | undefined;
  private hasFailed = false;
  private hasRole = false;

  constructor(chat: Fields) {
    this.tools = toldTools(chat);
    this.calls = new SdkCalls(this.tools.customs);
  }

  get finished(): boolean {
    return this.finish !== undefined;
  }

  get ended(): boolean {
    return this.finished;
  }

  get kept(): ReadonlyMap<string, Fields> {
    return this.calls.kept;
  }

  /**
   * An event that its package does not know is gone over: whether something is missing shows at the end, by the reason that is
   * then told.
   */
  take(part: Fields): readonly Fields[] {
    if (this.hasFailed || this.ending !== undefined) return nothing;
    const { type, delta } = part;
    switch (type) {
      case 'text-delta':
        return isText(delta) ? this.say({ content: delta }) : nothing;
      case 'reasoning-delta':
        return isText(delta) ? this.say({ reasoning_content: delta }) : nothing;
      case 'tool-input-start':
        return this.sayCall(this.calls.begin(part));
      case 'tool-input-delta':
        return this.sayCall(this.calls.grow(part));
      case 'tool-call':
        return this.sayCall(this.calls.whole(part));
      case 'finish':
        return this.conclude(part);
      case 'error':
        return part['is'] === 'unknown' ? nothing : this.fail(failed);
      default:
        return nothing;
    }
  }

  end(): readonly Fields[] | undefined {
    return this.finished ? nothing : undefined;
  }

  whole({ content, finishReason, usage }: Fields): Fields {
    if (!Array.isArray(content)) return {};
    this.ending = sdkEnding(finishReason);
    if (this.ending === 'cut') return {};
    if ('fault' in this.ending) return { error: { message: this.ending.fault } };
    const parts = (content as unknown[]).filter(isFields);
    const calls = parts.filter(({ type }) => type === 'tool-call').map((part) => this.calls.whole(part) as Fields);
    const thoughts = textsOf(parts, 'reasoning');
    const text = textsOf(parts, 'text');
    const message = {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      refusal: null,
      ...(thoughts === '' ? {} : { reasoning_content: thoughts }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ index: _place, ...call }) => call) }),
    };
    const told = sdkUsage(usage);
    const choice = this.choiceOf({ index: 0, message, logprobs: null, finish_reason: this.finish });
    return { choices: [choice], ...(told === undefined ? {} : { usage: told }) };
  }

  private conclude({ finishReason, usage }: Fields): readonly Fields[] {
    this.ending = sdkEnding(finishReason);
    if (this.ending === 'cut') return nothing;
    if ('fault' in this.ending) return this.fail({ error: { message: this.ending.fault } });
    const delta = this.hasRole ? {} : { role: 'assistant', content: '' };
    const told = sdkUsage(usage);
    const last = { choices: [this.choiceOf({ index: 0, delta, logprobs: null, finish_reason: this.finish })] };
    return told === undefined ? [last] : [last, { choices: [], usage: told }];
  }

  /** Why the answer ended; undefined while it is not whole. */
  private get finish(): string | undefined {
    const { ending } = this;
    if (ending === undefined || ending === 'cut' || 'fault' in ending) return undefined;
    return ending.finish === 'stop' && this.calls.count > 0 ? 'tool_calls' : ending.finish;
  }

  private sayCall(call: Fields | undefined): readonly Fields[] {
    return call === undefined ? nothing : this.say({ tool_calls: [call] });
  }

  private say(delta: Fields): readonly Fields[] {
    const first = this.hasRole ? {} : { role: 'assistant' };
    this.hasRole = true;
    return [{ choices: [this.choiceOf({ index: 0, delta: { ...first, ...delta }, logprobs: null, finish_reason: null })] }];
  }

  private choiceOf(choice: Fields): Fields {
    return this.tools.isLegacy ? legacyChoice(choice) : choice;
  }

  private fail(error: Fields): readonly Fields[] {
    this.hasFailed = true;
    return [error];
  }
}

function textsOf(parts: readonly Fields[], wanted: 'text' | 'reasoning'): string {
  return parts.flatMap(({ type, text }) => (type === wanted && isText(text) ? [text] : [])).join('');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
