import type { AnswerPart } from '../call/answer-part.js';
import type { Pass, Stage } from '../call/stage.js';

/** Keeps what the provider wants back with the calls of an answer, before the answer's end goes out. It changes nothing. */
export class ThoughtsStage implements Stage {
  /** @param keep keeps it once the answer is whole. Never rejects: the answer is good without. */
  constructor(private readonly keep: () => Promise<void>) {}

  event(part: AnswerPart, pass: Pass): void {
    pass(part);
  }

  end(): void {
    // Nothing was held back.
  }

  reply(part: AnswerPart): AnswerPart {
    return part;
  }

  async seal(): Promise<void> {
    await this.keep();
  }

  abandon(): void {
    // Nothing was begun.
  }
}
