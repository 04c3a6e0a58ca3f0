import { isFields, type Fields } from '../../../../kernel/fields.js';
import { legacyChoice } from '../../wire/legacy-choice.js';
import type { ChatReader } from '../dialect.js';
import type { ToldTools } from '../asked/told-tools.js';
import { AnswerThoughts } from './answer-thoughts.js';
import { AnswerUsage } from './answer-usage.js';
import { errorOf } from './answer-error.js';
import { OpenCall, OpenCustomCall, OpenRedacted, OpenText, OpenThought, type OpenBlock } from './open-blocks.js';
import { finishOf } from './stop-reasons.js';
import { wholeAnswer } from './whole-answer.js';

/** So many characters of thoughts and of custom calls may one answer hold: they are kept until they are whole. */
const mostKept = 16_000_000;
const tooMuch: Fields = { error: { message: 'The answer says more than can be kept.' } };
const nothing: readonly Fields[] = [];

/** Reads an answer of this wire. Its stream is blocks one after the other, each with a beginning, pieces and an end. */
export class AnswerReader implements ChatReader {
  readonly kept = new Map<string, Fields>();
  private readonly open = new Map<unknown, OpenBlock>();
  private readonly thoughts = new AnswerThoughts();
  private readonly usage = new AnswerUsage();
  private readonly callIds: string[] = [];
  private stop: Fields = {};
  private held = 0;
  private state: 'open' | 'whole' | 'failed' = 'open';

  constructor(private readonly tools: ToldTools) {}

  get finished(): boolean {
    return this.state === 'whole';
  }

  get ended(): boolean {
    return this.finished;
  }

  whole(given: Fields): Fields {
    const { answer, kept } = wholeAnswer(given, this.tools);
    for (const [id, thoughts] of kept) this.kept.set(id, thoughts);
    return answer;
  }

  take(event: Fields): readonly Fields[] {
    if (this.state !== 'open') return nothing;
    switch (event['type']) {
      case 'content_block_delta':
        return this.grow(event);
      case 'content_block_start':
        return this.begin(event);
      case 'content_block_stop':
        return this.close(event['index']);
      case 'message_start':
        return this.start(event['message']);
      case 'message_delta':
        return this.note(event);
      case 'message_stop':
        return this.finish();
      case 'error':
        return this.fail(errorOf(event));
      default:
        return nothing;
    }
  }

  end(): readonly Fields[] | undefined {
    return this.finished ? nothing : undefined;
  }

  private start(message: unknown): readonly Fields[] {
    if (isFields(message)) this.usage.take(message['usage']);
    return this.said({ role: 'assistant', content: '' });
  }

  private begin({ index, content_block: block }: Fields): readonly Fields[] {
    const opened = isFields(block) ? this.blockOf(block) : undefined;
    if (opened === undefined) return nothing;
    this.open.set(index, opened);
    return this.held > mostKept ? this.fail(tooMuch) : this.said(opened.begin());
  }

  private blockOf(block: Fields): OpenBlock | undefined {
    const { type, id, name, data } = block;
    if (type === 'text') return new OpenText(block);
    if (type === 'thinking') return new OpenThought(block, this.thoughts);
    if (type === 'redacted_thinking') {
      this.hold(data);
      return new OpenRedacted(block, this.thoughts);
    }
    if (type !== 'tool_use') return undefined;
    const index = this.callIds.push(String(id)) - 1;
    return this.tools.customs.has(name) ? new OpenCustomCall(block, index, this.tools) : new OpenCall(block, index);
  }

  private grow({ index, delta }: Fields): readonly Fields[] {
    const block = this.open.get(index);
    if (block === undefined || !isFields(delta)) return nothing;
    if (!(block instanceof OpenText) && !(block instanceof OpenCall)) {
      this.hold(delta['thinking'] ?? delta['signature'] ?? delta['partial_json']);
      if (this.held > mostKept) return this.fail(tooMuch);
    }
    return this.said(block.grow(delta));
  }

  private close(index: unknown): readonly Fields[] {
    const block = this.open.get(index);
    if (block === undefined) return nothing;
    this.open.delete(index);
    return this.said(block.end());
  }

  private note({ delta, usage }: Fields): readonly Fields[] {
    if (isFields(delta)) this.stop = delta;
    this.usage.take(usage);
    return nothing;
  }

  private finish(): readonly Fields[] {
    const left = [...this.open.keys()].flatMap((index) => this.close(index));
    this.state = 'whole';
    const thoughts = this.thoughts.all;
    if (thoughts !== undefined) for (const id of this.callIds) this.kept.set(id, thoughts);
    const { refusal, reason } = finishOf(this.stop, this.callIds.length > 0);
    const last = this.choice(refusal === undefined ? {} : { refusal }, reason);
    const usage = this.usage.asChat;
    return [...left, { choices: [last] }, ...(usage === undefined ? [] : [{ choices: [], usage }])];
  }

  private fail(error: Fields): readonly Fields[] {
    this.state = 'failed';
    this.open.clear();
    return [error];
  }

  private hold(text: unknown): void {
    if (typeof text === 'string') this.held += text.length;
  }

  private said(delta: Fields | undefined): readonly Fields[] {
    return delta === undefined ? nothing : [{ choices: [this.choice(delta, null)] }];
  }

  private choice(delta: Fields, reason: string | null): Fields {
    const choice = { index: 0, delta, finish_reason: reason };
    return this.tools.isLegacy ? legacyChoice(choice) : choice;
  }
}
