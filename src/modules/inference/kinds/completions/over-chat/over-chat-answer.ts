import type { AppError } from '../../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../../kernel/fields.js';
import type { AnswerStream, AnswerStreamEnd, StreamedAnswer, WholeReply } from '../../../call/answer.js';
import { readProvider } from '../../../call/provider-json.js';
import type { EventLimits } from '../../../wire/event-limits.js';
import { numberOf, printExact } from '../../../wire/exact-json.js';
import type { UsageTokens } from '../../../wire/usage-tokens.js';
import { EventOutput } from '../../typed-events/event-output.js';
import { ChoiceTexts } from './choice-texts.js';

/** What a completion says of itself, and what was asked of its choices. */
export interface CompletionSaid {
  readonly id: string;
  readonly model: string;
  /** What stands in front of each choice. */
  readonly echo: string;
  /** How many alternatives of each token are told; undefined where no probabilities were asked for. */
  readonly alternatives: number | undefined;
}

/** The answer to a chat as a legacy completion. */
export class OverChatAnswer implements StreamedAnswer {
  readonly done: string;
  private given: Buffer | undefined;

  /**
   * @param chat the answer to the chat, whichever wire it comes on.
   * @param legacy the answer of a provider that has legacy completions: what the platform itself says has its form.
   */
  constructor(
    private readonly said: CompletionSaid,
    private readonly chat: StreamedAnswer,
    private readonly legacy: StreamedAnswer,
  ) {
    this.done = legacy.done;
  }

  reply(bytes: Buffer): WholeReply {
    const { bytes: given, tokens } = this.chat.reply(bytes);
    this.given = given;
    const texts = new ChoiceTexts(this.said.echo, this.said.alternatives);
    const told = completionOf(readProvider(given), this.said, (choice) => texts.take(ended(choice)));
    return { bytes: Buffer.from(printExact(told)), tokens };
  }

  flow(): undefined {
    return undefined;
  }

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    return new OverChatStream(this.said, this.chat, limits, onEvent);
  }

  eventsOf(): Buffer {
    return this.chat.eventsOf(this.given ?? Buffer.alloc(0));
  }

  emptyEvent(requestId: string): string {
    return this.legacy.emptyEvent(requestId);
  }

  usageEvent(requestId: string, tokens: UsageTokens): Buffer | undefined {
    return this.legacy.usageEvent(requestId, tokens);
  }

  errorEvent(error: AppError): string {
    return this.legacy.errorEvent(error);
  }
}

/** A chat stream that leaves as the events of a legacy completion. */
class OverChatStream implements AnswerStream {
  private readonly inner: AnswerStream;
  private readonly output: EventOutput;
  private readonly texts: ChoiceTexts;

  constructor(
    private readonly said: CompletionSaid,
    chat: StreamedAnswer,
    limits: EventLimits,
    onEvent: ((event: Buffer) => void) | undefined,
  ) {
    this.output = new EventOutput(onEvent);
    this.texts = new ChoiceTexts(said.echo, said.alternatives);
    this.inner = chat.stream(limits, (event) => this.take(event));
  }

  get usage(): UsageTokens | null {
    return this.inner.usage;
  }

  get finished(): boolean {
    return this.inner.finished;
  }

  get failed(): boolean {
    return this.inner.failed;
  }

  get stopped(): boolean {
    return this.inner.stopped;
  }

  get firstEventSeen(): boolean {
    return this.inner.firstEventSeen;
  }

  get events(): number {
    return this.inner.events;
  }

  push(chunk: Buffer): Buffer | null {
    this.inner.push(chunk);
    return this.output.taken();
  }

  end(): AnswerStreamEnd {
    const end = this.inner.end();
    return { ...end, tail: this.output.taken() };
  }

  private take(event: Buffer): void {
    const told = completionOf(readProvider(event.subarray('data:'.length)), this.said, (choice) => this.texts.take(choice));
    // Pieces that say nothing in plain text (who speaks, thoughts) are not told; a usage is.
    if (told.choices.length > 0 || isFields(told.usage)) this.output.send(Buffer.from(`data: ${printExact(told)}\n\n`));
  }
}

/** A choice of a whole answer has ended, whether its provider says so or not. */
function ended(choice: Fields): Fields {
  const { finish_reason: reason } = choice;
  return typeof reason === 'string' && reason !== '' ? choice : { ...choice, finish_reason: 'stop' };
}

interface Completion {
  readonly choices: readonly Fields[];
  readonly usage?: unknown;
}

function completionOf(given: Fields, { id, model }: CompletionSaid, tell: (choice: Fields) => Fields | undefined): Completion {
  const { choices, usage, created, system_fingerprint: print } = given;
  const listed = Array.isArray(choices) ? (choices as unknown[]).filter(isFields) : [];
  const told = listed.map(tell).filter((choice) => choice !== undefined);
  const said = {
    id,
    object: 'text_completion',
    created: numberOf(created) ?? Math.floor(Date.now() / 1000),
    model,
    choices: told,
    ...(typeof print === 'string' ? { system_fingerprint: print } : {}),
  };
  return usage === undefined ? said : { ...said, usage };
}
