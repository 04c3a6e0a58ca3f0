import type { Recording } from '../../idempotency/recording.js';
import type { AnswerPart } from './answer-part.js';

/** Hands a part on to the next stage, behind the last one to the client. */
export type Pass = (part: AnswerPart) => void;

/**
 * Something that stands between the provider and the client of one call: a turn that is kept, passages that are named,
 * later guardrails and translations. It may hold parts back, change, add or drop them, and refuse the answer by throwing an
 * AppError. Calls without stages pass as bytes and nothing of them is parsed.
 */
export interface Stage {
  /** An event of the stream, in order. */
  event(part: AnswerPart, pass: Pass): void;
  /** The provider's stream is whole and booked: what is still held is passed on now. */
  end(pass: Pass): void;
  /** The reply of a call that is not streamed, whole and booked. */
  reply(part: AnswerPart): AnswerPart | Promise<AnswerPart>;
  /**
   * All that the client gets is known. What must be kept of it is kept now: the client's end waits for it.
   * @param recording writes the answer down for its repeats, within the transaction that keeps it.
   */
  seal(recording: Recording | undefined): void | Promise<void>;
  /** The answer did not become whole, or nobody waits for it any more. Does nothing after a good end; may come twice. */
  abandon(): void;
}

/** A stage that keeps something in a transaction of its own, or in that of a stage before it. */
export interface KeepingStage extends Stage {
  /** What it keeps, and then the recording, as work for another transaction: its own `seal` then has nothing left to do. */
  join(recording: Recording | undefined): Recording;
}

/** The stages of one call in their order, the provider's side first. */
export class StageChain {
  private readonly passes: Pass[];

  /** @param out takes what comes out behind the last stage. */
  constructor(
    private readonly stages: readonly Stage[],
    out: Pass,
  ) {
    this.passes = [out];
    for (const stage of stages.toReversed()) {
      const [next] = this.passes as [Pass];
      this.passes.unshift((part) => stage.event(part, next));
    }
  }

  /** @throws AppError of a stage that refuses the answer. */
  event(part: AnswerPart): void {
    this.passes[0]?.(part);
  }

  /** Ends one stage after the other. @throws AppError of a stage that refuses the answer. */
  end(): void {
    for (const [at, stage] of this.stages.entries()) stage.end(this.passes[at + 1] as Pass);
  }

  /** @throws AppError of a stage without which the answer may not end well. */
  async seal(recording: Recording | undefined): Promise<void> {
    for (const stage of this.stages) await stage.seal(recording);
  }

  /** @throws AppError of a stage that refuses the answer. */
  async reply(part: AnswerPart): Promise<AnswerPart> {
    let reply = part;
    for (const stage of this.stages) reply = await stage.reply(reply);
    return reply;
  }

  abandon(): void {
    for (const stage of this.stages) stage.abandon();
  }
}
