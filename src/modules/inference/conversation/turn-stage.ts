import { AppError } from '../../../kernel/app-error.js';
import type { Recording } from '../../idempotency/recording.js';
import type { AnswerPart } from '../call/answer-part.js';
import type { DialogueAnswer } from '../call/dialogue.js';
import type { Pass, Stage } from '../call/stage.js';

/** What happens to a turn, and to an answer that is kept by itself, when the answer has ended. */
export interface TurnEnding {
  /** Keeps the whole answer. @throws AppError when it cannot be kept: the caller then gets no whole answer. */
  keep(answer: DialogueAnswer, recording: Recording | undefined): Promise<void>;
  /** The answer did not become whole: nothing is kept. Does nothing after `keep`. */
  abandon(): void;
}

/** A longer answer is not kept. */
const maxCharacters = 16 * 1024 * 1024;

/**
 * Reads an answer that is kept on its way, and keeps it when it is whole, before its end goes out: so an answer that looks
 * whole was kept.
 */
export class TurnStage implements Stage {
  constructor(
    private readonly answer: DialogueAnswer,
    private readonly ending: TurnEnding,
  ) {}

  event(part: AnswerPart, pass: Pass): void {
    this.answer.add(part);
    pass(part);
  }

  end(): void {
    // Nothing was held back.
  }

  reply(part: AnswerPart): AnswerPart {
    this.answer.add(part);
    return part;
  }

  async seal(recording: Recording | undefined): Promise<void> {
    if (this.answer.characters > maxCharacters) {
      this.ending.abandon();
      throw new AppError('upstream_error', { message: 'The answer is too long to be kept.' });
    }
    await this.ending.keep(this.answer, recording);
  }

  abandon(): void {
    this.ending.abandon();
  }
}
