import type { Fields } from '../../../../kernel/fields.js';
import type { ResponseStatus } from '../../../responses/response-record.js';

/** Makes a response of what a chat provider says, event by event. */
export interface ChatMachine {
  /** The number of the newest event; -1 before the first. */
  readonly newest: number;
  readonly hasBegun: boolean;
  /** The response as its first event shows it. */
  readonly started: Fields;
  /** How the response has ended. */
  readonly status: ResponseStatus;
  /** Takes a chunk of a chat stream, or a whole reply. @returns the events that it makes. */
  take(chunk: Fields): Fields[];
  /** Everything was said. @throws AppError upstream_error where that is no answer. */
  finish(): Fields[];
  /** The whole response. @param usage in the form of Responses. */
  response(usage: unknown): Fields;
  /** The number that the last event has. */
  lastNumber(): number;
}
