import type { Fields } from '../../../kernel/fields.js';
import type { AnswerPart } from '../call/answer-part.js';
import type { Dialogue } from '../call/dialogue.js';
import type { Pass, Stage } from '../call/stage.js';

/**
 * Gives a reply its member `gt`: what was added to the question, and where it belongs. In a stream the last event has it:
 * once the answer has finished the newest event is held until the end. Without a mark that event is held all the same, so
 * that an answer which is kept looks whole only when it is.
 */
export class MarkStage implements Stage {
  private hasFinished = false;
  private held: AnswerPart | undefined;

  /** @param mark the value of `gt`; undefined for an answer that gets none. */
  constructor(
    private readonly dialogue: Dialogue,
    private readonly mark: Fields | undefined,
  ) {}

  event(part: AnswerPart, pass: Pass): void {
    this.hasFinished ||= this.dialogue.finishes(part);
    if (!this.hasFinished) {
      pass(part);
      return;
    }
    if (this.held !== undefined) pass(this.held);
    this.held = part;
  }

  end(pass: Pass): void {
    if (this.held !== undefined) pass(this.marked(this.held));
  }

  reply(part: AnswerPart): AnswerPart {
    return this.marked(part);
  }

  seal(): void {
    // Nothing is kept of a mark.
  }

  abandon(): void {
    this.held = undefined;
  }

  private marked(part: AnswerPart): AnswerPart {
    return this.mark === undefined ? part : this.dialogue.marked(part, this.mark);
  }
}
