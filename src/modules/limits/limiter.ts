import { givenUpMs, storeMs, type LeaseAsk, type LeaseStore, type LimitAnswer } from '../../platform/limits/limit-store.js';
import { answeredInTime } from './answered-in-time.js';
import type { LeasedLimit } from './call-limit.js';
import type { Lease, LimitRefusal, LimitState } from './lease.js';
import { refuse, refusedForGood, WaitingLine, type Need, type WaitingCall } from './waiting-line.js';

export interface LimiterOptions<Limit extends LeasedLimit, Held> {
  /** A name of this process alone. */
  readonly process: () => string;
  /** What a process has of a limit of which it has nothing yet. */
  readonly leaseOf: (limit: Limit) => Held;
  /** Milliseconds of a clock that never goes back. Default: the process's own. */
  readonly now?: () => number;
  /** Hears when the store goes away, with why, and when it is back. */
  readonly heard?: (failure: unknown) => void;
}

/** So often the store hears what has changed, where nobody waits. */
const tickMs = 200;

/** The first answer may take longer: a connection is made, and before it nobody knows how many share the limits. */
const firstMs = givenUpMs;

/** As long as it takes from limits, the process says that it lives at least this often. */
const saysMs = 1_000;

/** So many limits are told and looked at in one exchange, beside those that calls wait for: a store answers in time. */
const mostAsked = 500;

/**
 * Limits of calls, taken together or not at all. What this process holds of each limit is in its leases, so that a call
 * takes from all at once and mostly waits for nobody; the store is asked for all that is missing in one exchange at a time.
 * While the store is away it goes on with what it holds, and then with its share.
 */
export class Limiter<
  Limit extends LeasedLimit,
  Ask extends LeaseAsk,
  Answer extends LimitAnswer,
  Held extends Lease<Limit, Ask, Answer> = Lease<Limit, Ask, Answer>,
> {
  private readonly leases = new Map<string, Held>();
  private readonly line = new WaitingLine<Limit, Held>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;
  private again: NodeJS.Timeout | undefined;
  private exchanging: Promise<void> | undefined;
  /** What the store is being asked for: it stays until the answer is there. */
  private asked: ReadonlySet<Held> = new Set();
  /** So many exchanges more it takes to tell what was to be told at the last tick. */
  private behind = 0;
  /** What somebody looks at; they stay meanwhile. */
  private readonly looks = new Set<readonly Held[]>();
  /** The look of all who have come since the last one began. */
  private looking: Promise<void> | undefined;
  private isClosed = false;
  /** How many processes took from limits when the store last answered. */
  private processes = 1;
  private failure: unknown;
  private retryAtMs = 0;
  private heardAtMs = 0;
  /** The name of this process in the last exchange. */
  private name: string | undefined;

  constructor(
    private readonly store: LeaseStore<Ask, Answer>,
    private readonly options: LimiterOptions<Limit, Held>,
  ) {
    this.now = options.now ?? (() => performance.now());
  }

  /** Whether the store has answered the last exchange; what went wrong otherwise. */
  get storeFailure(): unknown {
    return this.failure;
  }

  /** Limits of which this process holds something, and processes that take from limits. */
  counts(): { readonly leases: number; readonly waiting: number; readonly processes: number } {
    return { leases: this.leases.size, waiting: this.line.size, processes: this.processes };
  }

  /**
   * Takes the needs together, or none of them. `taken` is called before this returns where the process holds enough of all;
   * else the store is asked, and one of the two is called within two seconds.
   * @param refused hears of a limit that will never have enough, else of the first that has too little.
   */
  take(needs: readonly Need<Limit>[], taken: () => void, refused: (refusal: LimitRefusal<Limit>) => void): void {
    const nowMs = this.now();
    if (!this.hasAll(needs, nowMs)) return this.wait(needs, nowMs, taken, refused);
    let isPressing = false;
    for (const { limit, units } of needs) {
      const lease = this.leaseOf(limit);
      lease.take(units, nowMs);
      isPressing ||= lease.isPressing(nowMs);
    }
    taken();
    if (isPressing) this.exchangeSoon();
  }

  /**
   * The same for a call that has time: it comes after all that have none, and is refused when there was nothing for it for half
   * a minute.
   * @returns takes it out of the line; then neither is called.
   */
  takeLater(needs: readonly Need<Limit>[], taken: () => void, refused: (refusal: LimitRefusal<Limit>) => void): () => void {
    const nowMs = this.now();
    const call = this.callOf(needs, nowMs, taken, refused);
    const tooLow = refusedForGood(call, nowMs);
    if (tooLow !== undefined) refused(tooLow);
    else if (this.isClosed) refuse(call, nowMs);
    else {
      const leave = this.line.joinLater(call);
      this.exchangeSoon();
      this.timer ??= setInterval(() => this.tick(), tickMs).unref();
      return leave;
    }
    return () => undefined;
  }

  /** Gives units back. @param units below zero: used beyond what was taken. */
  giveBack(needs: readonly Need<Limit>[]): void {
    const nowMs = this.now();
    let isPressing = false;
    for (const { limit, units } of needs) {
      const lease = this.leaseOf(limit);
      lease.giveBack(units);
      isPressing ||= lease.isPressing(nowMs);
    }
    if (isPressing || this.line.hasLater) this.exchangeSoon();
  }

  /** What this process has of a limit. It stays as long as something of it is in use. */
  held(limit: Limit): Held {
    return this.leaseOf(limit);
  }

  /** Whoever holds a lease has changed what is in use of it: the store hears of it when that is worth it. */
  changed(lease: Held): void {
    if (this.line.hasLater || lease.isPressing(this.now())) this.exchangeSoon();
  }

  /** What is left of a limit, as far as this process knows. */
  stateOf(limit: Limit): LimitState<Limit> {
    return this.leaseOf(limit).state(this.now());
  }

  /** What is left of the limit of each kind of which least is left, as a part of it. @param kindOf names the kind of a limit. */
  lowestLeft(kindOf: (limit: Limit) => string): Map<string, number> {
    const nowMs = this.now();
    const lowest = new Map<string, number>();
    for (const lease of this.leases.values()) {
      const { limit, left } = lease.state(nowMs);
      const part = limit.most === 0 ? 0 : left / limit.most;
      const kind = kindOf(limit);
      lowest.set(kind, Math.min(part, lowest.get(kind) ?? 1));
    }
    return lowest;
  }

  /** Asks the store what is left of limits. Gives what is known where it is away. */
  async look(limits: readonly Limit[]): Promise<LimitState<Limit>[]> {
    const leases = limits.map((limit) => this.leaseOf(limit));
    this.looks.add(leases);
    this.looking ??= this.lookNow();
    try {
      await this.looking;
    } finally {
      this.looks.delete(leases);
    }
    return leases.map((lease) => lease.state(this.now()));
  }

  private async lookNow(): Promise<void> {
    await this.exchanging;
    this.looking = undefined;
    await this.exchangeAll([...new Set([...this.looks].flat())]);
  }

  /** Exchanges one after the other, until the store is away. */
  private async exchangeAll(leases: readonly Held[]): Promise<void> {
    for (let from = 0; from < leases.length; from += mostAsked) {
      while (this.exchanging !== undefined) await this.exchanging;
      await this.exchange(leases.slice(from, from + mostAsked));
      if (this.failure !== undefined) return;
    }
  }

  /** Gives back what is not in use, as far as the store can be reached; takes nothing more ahead. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    clearTimeout(this.again);
    clearImmediate(this.soon);
    await this.exchanging;
    const leases = [...this.leases.values()];
    for (const lease of leases) lease.surrender();
    await this.exchangeAll(leases);
    await this.store.leave(this.options.process()).catch(() => undefined);
  }

  private leaseOf(limit: Limit): Held {
    let lease = this.leases.get(limit.id);
    if (lease === undefined) {
      lease = this.options.leaseOf(limit);
      if (this.failure !== undefined) lease.goAlone(this.processes, this.now());
      this.leases.set(limit.id, lease);
      if (!this.isClosed) this.timer ??= setInterval(() => this.tick(), tickMs).unref();
    } else lease.follow(limit);
    return lease;
  }

  /** Whether this process holds enough of all, and nobody waits for any of them. */
  private hasAll(needs: readonly Need<Limit>[], nowMs: number): boolean {
    for (const { limit, units } of needs) {
      const lease = this.leaseOf(limit);
      if (!lease.has(units, nowMs) || this.line.isWanted(lease)) return false;
    }
    return true;
  }

  private wait(
    needs: readonly Need<Limit>[],
    nowMs: number,
    taken: () => void,
    refused: (refusal: LimitRefusal<Limit>) => void,
  ): void {
    const call = this.callOf(needs, nowMs, taken, refused);
    const tooLow = refusedForGood(call, nowMs);
    if (tooLow !== undefined) return refused(tooLow);
    if (this.failure !== undefined || this.isClosed) return refuse(call, nowMs);
    this.line.join(call);
    this.exchangeSoon();
  }

  private callOf(
    needs: readonly Need<Limit>[],
    sinceMs: number,
    taken: () => void,
    refused: (refusal: LimitRefusal<Limit>) => void,
  ): WaitingCall<Limit, Held> {
    return { needs, leases: needs.map(({ limit }) => this.leaseOf(limit)), sinceMs, isAsked: false, taken, refused };
  }

  /** After what runs now: what comes in the same turn of the event loop goes together. */
  private exchangeSoon(): void {
    if (this.exchanging !== undefined || this.isClosed || this.failure !== undefined) return;
    this.soon ??= setImmediate(() => {
      this.soon = undefined;
      this.exchangeDue();
    });
  }

  private tick(): void {
    const nowMs = this.now();
    // A lease that a call or an answer is awaited for stays: there is one for each limit, and it knows what is owed.
    const kept = new Set([...this.line.laterLeases(), ...[...this.looks].flat(), ...this.asked]);
    for (const [id, lease] of this.leases)
      if (lease.isIdle(nowMs) && !this.line.isWanted(lease) && !kept.has(lease)) this.leases.delete(id);
    // Without its store nobody hears of what has become free elsewhere.
    if (this.failure !== undefined) {
      if (this.line.hasLater) this.serve([]);
      // Whatever is due tells whether the store is back.
      if (this.exchanging === undefined && nowMs >= this.retryAtMs) void this.exchange(this.due(nowMs).slice(0, mostAsked));
    } else if (this.leases.size > 0) this.exchangeDue(nowMs - this.heardAtMs > saysMs, true);
    else {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  /** What the store is to hear now; those that it has not heard of for longest come first. */
  private due(nowMs: number): Held[] {
    const name = this.options.process();
    if (name !== this.name && this.name !== undefined) for (const lease of this.leases.values()) lease.renamed();
    this.name = name;
    return [...this.leases.values()].filter((lease) => lease.isDue(nowMs));
  }

  /** @param anyhow also where nothing is due: the store hears that this process lives, and tells how many do. */
  private exchangeDue(anyhow = false, isTick = false): void {
    if (this.exchanging !== undefined) return;
    const due = this.due(this.now());
    if (isTick) this.behind = Math.ceil(due.length / mostAsked) - 1;
    if (due.length > 0 || this.line.size > 0 || anyhow) void this.exchange(due.slice(0, mostAsked));
  }

  /** One exchange at a time, of these limits and of all that calls wait for; whoever waits is served when it is over. */
  private exchange(told: readonly Held[]): Promise<void> {
    const waiting = this.line.next();
    this.asked = new Set([...told, ...waiting.flatMap(({ leases }) => leases)]);
    const leases = [...this.asked];
    for (const lease of leases) this.putLast(lease);
    this.exchanging = this.exchangeNow(leases, waiting).finally(() => {
      this.exchanging = undefined;
      this.asked = new Set();
      this.serve(leases);
    });
    return this.exchanging;
  }

  private putLast(lease: Held): void {
    const { id } = lease.limit;
    if (this.leases.get(id) !== lease) return;
    this.leases.delete(id);
    this.leases.set(id, lease);
  }

  private async exchangeNow(leases: readonly Held[], waiting: readonly WaitingCall<Limit, Held>[]): Promise<void> {
    const nowMs = this.now();
    const needs = new Map<Held, number[]>();
    for (const call of waiting) {
      call.isAsked = true;
      for (const [at, lease] of call.leases.entries())
        needs.set(lease, [...(needs.get(lease) ?? []), call.needs[at]?.units ?? 0]);
    }
    const asks = leases.map((lease) => lease.ask(needs.get(lease) ?? [], nowMs));
    try {
      const { answers, processes } = await answeredInTime(
        this.store.exchange(this.options.process(), asks),
        this.heardAtMs === 0 ? firstMs : storeMs,
      );
      this.processes = processes;
      const toldMs = this.now();
      this.heardAtMs = toldMs;
      for (const [at, lease] of leases.entries()) {
        const [answer, ask] = [answers[at], asks[at]];
        if (answer !== undefined && ask !== undefined) lease.told(answer, ask, toldMs);
      }
      if (this.failure !== undefined) {
        this.failure = undefined;
        this.options.heard?.(undefined);
      }
    } catch (error) {
      const failedMs = this.now();
      for (const [at, lease] of leases.entries()) {
        const ask = asks[at];
        if (ask !== undefined) lease.lost(ask);
      }
      for (const lease of this.leases.values()) lease.goAlone(this.processes, failedMs);
      this.retryAtMs = failedMs + tickMs;
      if (this.failure === undefined) this.options.heard?.(error);
      this.failure = error;
    }
  }

  /** Tells whoever waits how it came out, once what is left of what came for them goes back. */
  private serve(leases: readonly Held[]): void {
    const { over, againMs } = this.line.serve(this.now(), this.failure === undefined && !this.isClosed, this.isClosed);
    for (const lease of leases) lease.settle();
    for (const tell of over) tell();
    if (this.behind > 0) {
      this.behind -= 1;
      this.exchangeSoon();
    }
    if (againMs === 0) this.exchangeSoon();
    else if (againMs !== undefined) this.exchangeIn(againMs);
  }

  private exchangeIn(ms: number): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.exchangeDue(), Math.max(1, Math.ceil(ms)));
  }
}
