import type { AppError } from '../../../../kernel/app-error.js';
import type { AnswerStream, ReplyFlow, StreamedAnswer, WholeReply } from '../../call/answer.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { TypedEvents, type TypedEventsForm } from './typed-events.js';

/** An answer in events that say their type, without a `[DONE]`: sound, images, transcriptions. */
export abstract class TypedEventsAnswer implements StreamedAnswer {
  readonly done = '';

  constructor(
    protected readonly publishedName: string,
    private readonly events: TypedEventsForm,
  ) {}

  abstract reply(bytes: Buffer): WholeReply;

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    return new TypedEvents(this.publishedName, this.events, limits, onEvent);
  }

  flow(): ReplyFlow | undefined {
    return undefined;
  }

  /** What was judged by `reply`, as events; a kind whose providers may answer in one piece says how. */
  eventsOf(_reply: Buffer): Buffer {
    throw new Error('This answer is never made of one piece.');
  }

  /** Clients know no event that says nothing: a comment is all that a silent stream is sent. */
  emptyEvent(): string {
    return ': ping\n';
  }

  /** The usage stands in the last event, which is the provider's own. */
  usageEvent(): undefined {
    return undefined;
  }

  errorEvent(error: AppError): string {
    return `data: ${JSON.stringify(error.body())}\n\n`;
  }
}
