import type { AppError } from '../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../kernel/fields.js';
import { randomBase62 } from '../../../kernel/ids.js';
import { jsonSize } from '../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import type { Answer, AnswerStream, StreamedAnswer, WholeReply } from '../call/answer.js';
import { readProvider } from '../call/provider-json.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import type { EventLimits } from '../wire/event-limits.js';
import { printExact } from '../wire/exact-json.js';
import type { UsageTokens } from '../wire/usage-tokens.js';
import type { AnsweredCall } from '../../kept-thoughts/tool-call.js';
import type { ChatReader } from '../dialects/dialect.js';
import { DialectStream } from './dialect-stream.js';
import { HeardAnswer } from './heard-answer.js';

/** So many values may vectors have: a hundred of the longest. */
const maxNumbers = 500_000;

/** The answer of a provider in its own wire, read as that of a provider of chat. */
export class DialectAnswer implements StreamedAnswer {
  readonly done: string;
  private readonly head: Fields;
  private told = false;
  private heard: HeardAnswer | undefined;

  /**
   * @param chat reads the answer of a provider of chat.
   * @param open opens the reading of the provider's answer.
   */
  constructor(
    private readonly chat: StreamedAnswer,
    private readonly open: () => ChatReader,
    model: string,
  ) {
    this.done = chat.done;
    this.head = { id: `chatcmpl-${randomBase62(24)}`, created: Math.floor(Date.now() / 1000), model };
  }

  /** The calls of tools that the answer made, once it is whole. */
  get calls(): readonly AnsweredCall[] {
    return this.heard?.calls ?? [];
  }

  reply(bytes: Buffer): WholeReply {
    const said = this.reader().whole(readProvider(bytes));
    this.told = true;
    return this.chat.reply(Buffer.from(printExact({ ...this.head, object: 'chat.completion', ...said })));
  }

  flow(): undefined {
    return undefined;
  }

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    const head = { ...this.head, object: 'chat.completion.chunk' };
    return new DialectStream(this.chat.stream(limits, onEvent), this.reader(), head, limits, () => this.told);
  }

  eventsOf(reply: Buffer): Buffer {
    return this.chat.eventsOf(reply);
  }

  emptyEvent(requestId: string): string {
    return this.chat.emptyEvent(requestId);
  }

  usageEvent(requestId: string, tokens: UsageTokens): Buffer | undefined {
    return this.chat.usageEvent(requestId, tokens);
  }

  errorEvent(error: AppError): string {
    return this.chat.errorEvent(error);
  }

  /** A stream that turns out to be an answer in one piece is read anew. */
  private reader(): ChatReader {
    return (this.heard = new HeardAnswer(this.open()));
  }
}

/** Vectors of a provider in its own wire, read as those of OpenAI's. */
export class DialectEmbeddingsAnswer implements Answer {
  constructor(
    private readonly vectors: Answer,
    private readonly whole: (given: Fields) => Fields,
    private readonly model: string,
  ) {}

  reply(bytes: Buffer): WholeReply {
    if (jsonSize(bytes, maxNumbers).values > maxNumbers) throw wrongAnswer('it has too many values to be read');
    const given = parsedOrUndefined(bytes);
    if (!isFields(given)) throw wrongAnswer('it is no JSON object');
    const said = this.whole(given);
    return this.vectors.reply(Buffer.from(printExact({ object: 'list', model: this.model, ...said })));
  }

  flow(): undefined {
    return undefined;
  }
}
