import type { Steps } from '../../../kernel/steps.js';

/** What passes without matching gives this part of it back. */
const share = 0.5;

/** How long the matching of patterns may hold up the process for one side of a call. It is used up when it goes on too long. */
export class MatchTime {
  private spent = 0;
  private last: number;

  /**
   * @param most milliseconds of matching without a rest.
   * @param refusal is thrown when they are over.
   * @param now tells milliseconds.
   */
  constructor(
    private readonly most: number,
    private readonly refusal: () => Error,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.last = now();
  }

  /** The same steps, of which each is measured. @throws Error the refusal. */
  *measured<Result>(steps: Steps<Result>): Steps<Result> {
    for (;;) {
      const begun = this.now();
      this.spent = Math.max(0, this.spent - share * (begun - this.last));
      const step = steps.next();
      this.last = this.now();
      this.spent += this.last - begun;
      if (step.done === true) return step.value;
      if (this.spent > this.most) throw this.refusal();
      yield;
    }
  }
}
