import type { NewCompletion } from '../../stored-completions/completion-record.js';
import type { AnswerPart } from './answer-part.js';

/** A call whose client asked to store it: what is kept of it, and how its answer is read for that. */
export interface KeptCall {
  /**
   * Takes an event of the stream or the whole reply.
   * @returns it as the client gets it, under the id by which it is found again; undefined where the client gets nothing of it.
   * @throws AppError upstream_error for an answer that cannot be stored.
   */
  take(part: AnswerPart): AnswerPart | undefined;
  /** All that is stored, once the answer is whole. @throws AppError upstream_error when it is too long. */
  completion(): NewCompletion;
}
