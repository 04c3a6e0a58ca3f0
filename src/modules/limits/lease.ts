import type { LeaseAsk, LimitAnswer } from '../../platform/limits/limit-store.js';
import type { LeasedLimit } from './call-limit.js';

/** A refusal by one limit. */
export interface LimitRefusal<Limit extends LeasedLimit> {
  readonly limit: Limit;
  /** Units that the call needs, and those that are free. */
  readonly need: number;
  readonly left: number;
  /** When the units may be there, in ms; null: never, the limit is lower than the need. */
  readonly waitMs: number | null;
}

/** What is left of a limit as far as this process knows, and when all of it is free again if nobody takes any, in ms. */
export interface LimitState<Limit extends LeasedLimit> {
  readonly limit: Limit;
  readonly left: number;
  readonly fullInMs: number;
}

/**
 * What this process holds of one limit. It is changed at once and by itself; the store hears of it in exchanges, of which
 * one is under way at a time. `nowMs` is of a clock that never goes back.
 */
export abstract class Lease<
  Limit extends LeasedLimit = LeasedLimit,
  Ask extends LeaseAsk = LeaseAsk,
  Answer extends LimitAnswer = LimitAnswer,
> {
  /** Set while units are short everywhere: nothing is kept ahead. */
  protected isShort = false;
  protected usedAtMs = -Infinity;
  /** Units free in the store when it was last asked. */
  protected storeLeft: number;
  protected storeLeftAtMs = -Infinity;
  /** Null while the store answers; then how many processes share what goes on without it. */
  protected sharedBy: number | null = null;
  private finalAtMs = 0;

  constructor(public limit: Limit) {
    this.storeLeft = limit.most;
  }

  /** A later limit takes the place of the one before: what was held of that counts no more. */
  follow(limit: Limit): void {
    if (limit === this.limit || limit.epoch < this.limit.epoch) return;
    const isOther = limit.most !== this.limit.most;
    this.limit = limit;
    if (isOther) this.forget();
  }

  /** Whether so many units can be taken at once. */
  abstract has(units: number, nowMs: number): boolean;
  /** Takes units that are there. */
  abstract take(units: number, nowMs: number): void;
  /** Gives back units that were taken: those of a call that was not made, or what it did not use; below zero, what it used beyond. */
  abstract giveBack(units: number): void;
  /** What the store must hear, and is asked for. It is told once: what it says is gone from here. */
  abstract ask(needs: readonly number[], nowMs: number): Ask;
  /** True when the store should hear something soon, whoever waits. */
  abstract isDue(nowMs: number): boolean;
  /** True when nothing is held and nothing is to be told. */
  abstract isIdle(nowMs: number): boolean;
  abstract state(nowMs: number): LimitState<Limit>;
  /** Why so many units are refused. */
  abstract refusal(need: number, nowMs: number): LimitRefusal<Limit>;

  /** The store has answered the ask. */
  told(answer: Answer, ask: Ask, nowMs: number): void {
    this.sharedBy = null;
    this.isShort = answer.isShort;
    this.storeLeft = answer.left;
    this.storeLeftAtMs = nowMs;
    this.finalAtMs = nowMs + answer.waitMs;
    this.granted(answer, ask);
  }

  /** The ask came to nothing, as far as is known, or was answered and nobody heard it. */
  abstract lost(ask: Ask): void;

  /** The process has another name: what was told under the former one may not count any more. */
  renamed(): void {
    // What ends by itself need not be told again.
  }

  /** The store is away, and so many processes share the limit without it. */
  goAlone(processes: number, nowMs: number): void {
    if (this.sharedBy === null) this.left(processes, nowMs);
    this.sharedBy = processes;
  }

  /** Once the waiting calls were served: what they have left of what came for them goes back. */
  abstract settle(): void;
  /** True when what is told is worth an exchange of its own. */
  abstract isPressing(nowMs: number): boolean;

  /** When so many units that are not there are refused: while others may give back, or it is enough for one but not for all, it is worth asking again. */
  finalMs(units: number, nowMs: number): number {
    return Math.floor(this.storeLeft) >= units ? nowMs + 1 : this.finalAtMs;
  }

  /** Nothing is kept ahead any more. */
  surrender(): void {
    this.usedAtMs = -Infinity;
    this.isShort = true;
  }

  protected abstract granted(answer: Answer, ask: Ask): void;
  protected abstract forget(): void;
  protected abstract left(processes: number, nowMs: number): void;
}
