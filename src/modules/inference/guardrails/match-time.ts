import type { Steps } from '../../../kernel/steps.js';

/** What matching usually takes at most, in milliseconds a character. It counts for nothing. */
const usualMs = 0.005;
/** What passes gives this part of itself back. */
const share = 0.1;
/** So many milliseconds beyond the usual may be taken at one go. */
const mostMs = 2_000;
/** As many tenants are remembered; who was judged longest ago goes first. */
const mostTenants = 10_000;

/**
 * How long the matching of one tenant's patterns may hold up this process beyond what texts usually take. All calls of the
 * tenant use it up together, and it comes back slowly: patterns and texts that are made to be slow delay nobody else for long.
 */
export class MatchTime {
  private spent = 0;
  private last: number;

  /** @param now tells milliseconds. */
  constructor(
    private readonly most = mostMs,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.last = now();
  }

  /**
   * The same steps, of which each is measured.
   * @param characters of the text that is matched.
   * @param refusal made and thrown when the time is used up.
   */
  *measured<Result>(steps: Steps<Result>, characters: number, refusal: () => Error): Steps<Result> {
    for (let free = characters * usualMs; ;) {
      const begun = this.now();
      this.spent = Math.max(0, this.spent - share * (begun - this.last));
      const step = steps.next();
      this.last = this.now();
      const taken = this.last - begun;
      this.spent += Math.max(0, taken - free);
      free = Math.max(0, free - taken);
      if (step.done === true) return step.value;
      if (this.spent > this.most) throw refusal();
      yield;
    }
  }
}

/** The time of each tenant in this process. */
export class MatchTimes {
  private readonly times = new Map<string, MatchTime>();

  of(tenantId: string): MatchTime {
    const time = this.times.get(tenantId) ?? new MatchTime();
    this.times.delete(tenantId);
    this.times.set(tenantId, time);
    for (const [oldest] of this.times) {
      if (this.times.size <= mostTenants) break;
      this.times.delete(oldest);
    }
    return time;
  }
}
