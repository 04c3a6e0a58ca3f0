import { Breather } from './breather.js';

/** A long piece of work in small steps: it may be interrupted wherever it yields. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Does all steps at one go: for work that is known to be short. Throws what a step throws. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does the steps in slices, between which others of the process go first. Rejects with what a step throws. */
export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  const breather = new Breather();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breather.pause();
  }
}
