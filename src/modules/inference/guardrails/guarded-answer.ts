import type { AppError } from '../../../kernel/app-error.js';
import type { Answer, AnswerStream, StreamedAnswer, WholeReply } from '../call/answer.js';
import { readProvider } from '../call/provider-json.js';
import type { EventLimits } from '../wire/event-limits.js';
import { printExact } from '../wire/exact-json.js';
import type { UsageTokens } from '../wire/usage-tokens.js';
import { EventTexts, type TextFilter } from './event-texts.js';
import { GuardedStream } from './guarded-stream.js';

/** An answer whose texts are judged before anything is made of it: what is kept and sent is what has come through. */
export class GuardedAnswer implements Answer {
  protected isJudged = false;

  /** @param open makes the judgement of a text. */
  constructor(
    private readonly plain: Answer,
    protected readonly open: () => TextFilter,
  ) {}

  /** @throws AppError content_policy. */
  reply(bytes: Buffer): WholeReply {
    const judged = this.texts().whole(readProvider(bytes));
    this.isJudged = true;
    return this.plain.reply(Buffer.from(printExact(judged)));
  }

  flow(): undefined {
    return undefined;
  }

  protected texts(): EventTexts {
    return new EventTexts(this.open, true);
  }
}

/** The same for an answer in events. */
export class GuardedStreamedAnswer extends GuardedAnswer implements StreamedAnswer {
  readonly done: string;

  constructor(
    private readonly inner: StreamedAnswer,
    open: () => TextFilter,
  ) {
    super(inner, open);
    this.done = inner.done;
  }

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    return new GuardedStream(this.inner.stream(limits, onEvent), this.texts(), limits, () => this.isJudged);
  }

  eventsOf(reply: Buffer): Buffer {
    return this.inner.eventsOf(reply);
  }

  emptyEvent(requestId: string): string {
    return this.inner.emptyEvent(requestId);
  }

  usageEvent(requestId: string, tokens: UsageTokens): Buffer | undefined {
    return this.inner.usageEvent(requestId, tokens);
  }

  errorEvent(error: AppError): string {
    return this.inner.errorEvent(error);
  }
}
