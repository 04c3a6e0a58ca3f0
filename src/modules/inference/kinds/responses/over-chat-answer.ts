import type { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { answerFault } from '../../../provider-answers/answer-fault.js';
import type { AnswerStream, AnswerStreamEnd, StreamedAnswer, WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { plainOf, printExact } from '../../wire/exact-json.js';
import { ChatStreamFilter, type ChatStreamEnd } from '../../wire/sse-filter.js';
import { readUsage, type UsageTokens } from '../../wire/usage-tokens.js';
import { chatForm } from '../chat/chat-form.js';
import { ChoicesAnswer } from '../choices/choices-answer.js';
import { EventOutput } from '../typed-events/event-output.js';
import type { ChatMachine } from './chat-machine.js';
import { failedEvents } from './failed-response.js';
import { ownResponse } from './response-object.js';
import { readProvider } from '../../call/provider-json.js';
import type { ResponseSaid } from './response-said.js';
import { usageOf } from './responses-answer.js';
import { eventBytes } from '../../wire/typed-event.js';

/** The answer of a provider that speaks chat, as a response. */
export class OverChatAnswer implements StreamedAnswer {
  readonly done = '';
  private opened: ChatMachine | undefined;
  private given: Buffer | undefined;

  /**
   * @param echo members of the request that a response shows.
   * @param machine opens what makes the response, from the response before anything is said.
   */
  constructor(
    private readonly said: ResponseSaid,
    private readonly echo: Fields,
    private readonly machine: (frame: Fields) => ChatMachine,
  ) {}

  reply(bytes: Buffer): WholeReply {
    const given = readProvider(bytes);
    const fault = answerFault(plainOf(given), 'choices');
    if (fault !== undefined) throw wrongAnswer(fault);
    this.given = bytes;
    const tokens = readUsage(plainOf(given['usage']));
    const machine = this.open();
    machine.take(given);
    machine.finish();
    const object = machine.response(tokens === null ? null : usageOf(tokens));
    const text = printExact(object);
    this.said.finish(machine.status, text);
    return { bytes: Buffer.from(text), tokens };
  }

  flow(): undefined {
    return undefined;
  }

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    const machine = this.open();
    this.opened = machine;
    return new OverChatStream(machine, limits, onEvent, (usage) => this.lastEvent(machine, usage));
  }

  eventsOf(): Buffer {
    return new ChoicesAnswer(chatForm, this.said.frame.model, true, 1).eventsOf(this.given ?? Buffer.alloc(0));
  }

  emptyEvent(): string {
    return ': ping\n';
  }

  usageEvent(_requestId: string, tokens: UsageTokens): Buffer | undefined {
    return this.opened === undefined ? undefined : this.lastEvent(this.opened, tokens);
  }

  errorEvent(error: AppError): string {
    const events = this.opened?.events;
    const newest = events?.newest ?? -1;
    return failedEvents(error, this.said, newest < 0 ? undefined : events?.started, newest);
  }

  private open(): ChatMachine {
    const frame = { created_at: Math.floor(Date.now() / 1000), status: 'in_progress', ...this.echo };
    return this.machine(ownResponse(frame, this.said).object);
  }

  private lastEvent(machine: ChatMachine, tokens: UsageTokens): Buffer {
    const type = `response.${machine.status}`;
    const response = machine.response(usageOf(tokens));
    this.said.finish(machine.status, printExact(response));
    return eventBytes(type, printExact({ type, sequence_number: machine.events.newest + 1, response }));
  }
}

/** A chat stream that leaves as the events of a response. */
class OverChatStream implements AnswerStream {
  private readonly filter: ChatStreamFilter;
  private readonly output: EventOutput;

  constructor(
    private readonly machine: ChatMachine,
    limits: EventLimits,
    onEvent: ((event: Buffer) => void) | undefined,
    private readonly lastEvent: (tokens: UsageTokens) => Buffer,
  ) {
    this.output = new EventOutput(onEvent);
    this.filter = new ChatStreamFilter({
      publishedName: '',
      usageAsked: true,
      choices: 1,
      ...limits,
      onEvent: (event) => this.take(event),
    });
  }

  get usage(): UsageTokens | null {
    return this.filter.usage;
  }

  get finished(): boolean {
    return this.filter.finished;
  }

  get failed(): boolean {
    return this.filter.failed;
  }

  get stopped(): boolean {
    return this.filter.stopped;
  }

  get firstEventSeen(): boolean {
    return this.filter.firstEventSeen;
  }

  get events(): number {
    return this.filter.events;
  }

  push(chunk: Buffer): Buffer | null {
    this.filter.push(chunk);
    return this.output.taken();
  }

  end(): AnswerStreamEnd {
    const end: ChatStreamEnd = this.filter.end();
    if (end.complete) {
      this.emit(this.machine.finish());
      if (this.usage !== null) this.output.send(this.lastEvent(this.usage));
    }
    return { ...end, tail: this.output.taken() };
  }

  private take(event: Buffer): void {
    const chunk = readProvider(event.subarray('data:'.length));
    if (isFields(chunk)) this.emit(this.machine.take(chunk));
  }

  private emit(events: readonly Fields[]): void {
    for (const event of events) this.output.send(eventBytes(String(event['type']), printExact(event)));
  }
}
