import type { Fields } from '../../../../kernel/fields.js';
import type { ResponseStatus } from '../../../responses/response-record.js';
import type { MadeEvents } from './made-events.js';

/** Makes a response of what a chat provider says, event by event. */
export interface ChatMachine {
  /** Its events; what was told is taken by `take` and `finish`. */
  readonly events: Pick<MadeEvents, 'newest' | 'started'>;
  /** How the response has ended. */
  readonly status: ResponseStatus;
  /** Takes a chunk of a chat stream, or a whole reply. @returns the events that it makes. */
  take(chunk: Fields): Fields[];
  /** Everything was said. @throws AppError upstream_error where that is no answer. */
  finish(): Fields[];
  /** The whole response. @param usage in the form of Responses. */
  response(usage: unknown): Fields;
}
