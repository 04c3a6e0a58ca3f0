import { faultPoint } from '../../platform/fault-point.js';
import { LostBatchError } from '../batches/batch-record.js';
import { GroupWriter, type WriterTools } from './group-writer.js';
import type { LineBodies, OpenLine } from './line-bodies.js';
import type { CallEnd, LineCalls } from './line-calls.js';
import type { LinePlaces } from './line-places.js';
import type { BatchRun } from './open-batch-runs.js';
import type { Pace } from './pace.js';

/** So many requests a run takes at a time at the most, and bodies of so many bytes for all runs of a process together. */
const mostClaimed = 512;
/** What was taken at a time is to last for so long: where it does not, twice as many are taken. */
const claimForMs = 100;
const mostBodies = 24 * 1024 * 1024;
/** After so long a run ends, so that others have its place. */
const turnMs = 60_000;
/** So often a run looks whether it is to go on, whatever happens. */
const momentMs = 250;
/** A batch that waits for less than this keeps its place. */
const shortWaitMs = 1_500;
/** Where nothing was found to take, others may give something back in this time. */
const claimAgainMs = 1_000;

/** What a run of requests needs. */
export interface LineTools extends WriterTools {
  readonly bodies: LineBodies;
  readonly calls: LineCalls;
  readonly places: LinePlaces;
}

/**
 * A request in the set of those that run. It holds nothing once that has ended: V8 keeps the former tables of a set, with what
 * stood in them, until it walks over the whole heap, and so the answers of all requests stayed in memory.
 */
interface RunningCall {
  leave: () => void;
}

const nothing = (): void => undefined;

/**
 * Makes requests of one batch, as many at a time as it has places for and its pace allows, as long as there are some.
 */
export class LinesRun {
  private readonly writer: GroupWriter;
  private readonly calls = new Set<RunningCall>();
  private readonly stopped = new AbortController();
  private claimed: OpenLine[] = [];
  private claiming: Promise<void> | undefined;
  /** The last claim found nothing, and when it is worth another one. */
  private isDry = false;
  private claimAgainAt = 0;
  /** So many times as many requests are taken as may run; and when some were taken last. */
  private ahead = 2;
  private claimedAt = -Infinity;
  private failure: unknown;
  private wake: () => void = () => undefined;

  constructor(
    private readonly tools: LineTools,
    private readonly run: BatchRun,
    private readonly pace: Pace,
    private readonly signal: AbortSignal,
  ) {
    this.writer = new GroupWriter(tools, run);
  }

  /**
   * @returns in how many milliseconds there may be something to do again; undefined when nothing is left for this run.
   * @throws LostBatchError; what could not be written or read.
   */
  async work(): Promise<number | undefined> {
    const stop = (): void => this.stop();
    this.signal.addEventListener('abort', stop, { once: true });
    try {
      await this.makeAll();
    } finally {
      this.signal.removeEventListener('abort', stop);
      this.stop();
    }
    await this.writer.flushed();
    return this.laterMs();
  }

  private async makeAll(): Promise<void> {
    const turnEnds = performance.now() + turnMs;
    const leave = this.tools.places.enter(this.run.batch.tenantId);
    const moments = setInterval(() => this.wake(), momentMs);
    try {
      while (!this.isOver(turnEnds)) {
        const next = this.next();
        if (next !== undefined) await next;
      }
      leave();
      await this.claiming;
      this.giveBack();
      // What runs is finished.
      while (this.calls.size > 0 && !this.signal.aborted && !this.run.isLost) await this.something();
    } finally {
      clearInterval(moments);
      leave();
      for (const call of this.calls) call.leave();
      await this.claiming;
    }
  }

  private isOver(turnEnds: number): boolean {
    if (this.signal.aborted || this.isEnding || performance.now() >= turnEnds) return true;
    if (this.pace.pauseMs > shortWaitMs) return true;
    return this.isDry && this.claiming === undefined && this.claimed.length === 0 && this.calls.size === 0;
  }

  /** The batch is cancelled or over, or another's. */
  private get isEnding(): boolean {
    return this.run.isLost || this.run.status !== 'in_progress';
  }

  /** One step: takes further requests, and begins one or waits; undefined when there was nothing to wait for. */
  private next(): Promise<void> | undefined {
    const room = this.writer.room();
    if (room !== undefined) return room;
    if (this.failure !== undefined) throw this.failure;
    if (this.pace.pauseMs > 0) return this.something(this.pace.pauseMs);
    const isWorthIt = !this.isDry || performance.now() >= this.claimAgainAt;
    if (this.claimed.length * 2 < this.wanted() && isWorthIt) this.claiming ??= this.claim();
    if (this.calls.size >= this.pace.most) return this.something();
    const line = this.claimed.shift();
    if (line === undefined) return this.claiming ?? this.something();
    const leave = this.tools.places.takeNow(this.run.batch.tenantId);
    if (leave === undefined) return this.beginLater(line);
    this.begin(line, leave);
    return undefined;
  }

  private async beginLater(line: OpenLine): Promise<void> {
    const leave = await this.tools.places.take(this.run.batch.tenantId, this.stopped.signal);
    if (leave !== undefined && !this.isEnding) return this.begin(line, leave);
    leave?.();
    this.claimed.unshift(line);
  }

  private begin(line: OpenLine, leave: () => void): void {
    const { end: ended, leave: breakOff } = this.tools.calls.begin(this.run.batch, line, () => this.pace.throttles);
    const call: RunningCall = { leave: breakOff };
    this.calls.add(call);
    void ended.then((end) => {
      leave();
      this.calls.delete(call);
      call.leave = nothing;
      this.ended(end);
      this.wake();
    });
  }

  private ended({ result, wait }: CallEnd): void {
    if (result !== undefined) this.writer.add(result);
    if (wait?.isForAll === true) this.pace.toldToWait(wait.waitMs);
    else if (result?.state === 'done') this.pace.wentWell();
  }

  private wanted(): number {
    return Math.min(mostClaimed, this.pace.most * this.ahead);
  }

  /** Slow requests are taken as they are made, so that other workers have some too; of quick ones many in one transaction. */
  private lookAhead(): void {
    const now = performance.now();
    const lastedMs = now - this.claimedAt;
    this.claimedAt = now;
    if (lastedMs < claimForMs) this.ahead = Math.min(this.ahead * 2, mostClaimed);
    else if (lastedMs > 4 * claimForMs) this.ahead = 2;
  }

  /** Never rejects. */
  private async claim(): Promise<void> {
    const { database, lines, bodies, places, config } = this.tools;
    const { batch, id } = this.run;
    this.lookAhead();
    try {
      const most = { lines: this.wanted(), bytes: Math.ceil(mostBodies / 2 / Math.max(places.runs, 1)) };
      const taken = await database.runPlain(batch.tenantId, (tx) => lines.claim(tx, batch, id, most));
      if (taken.length > 0) faultPoint(config.GT_FAULT_POINT, 'batch.after-claim');
      this.isDry = taken.length === 0;
      this.claimAgainAt = performance.now() + claimAgainMs;
      this.claimed.push(...(await bodies.of(batch.storageKey, taken)));
    } catch (error) {
      this.failure = error;
    } finally {
      this.claiming = undefined;
    }
  }

  /** Resolves when a request ends, the run is to stop, or a moment has passed, or so many milliseconds. */
  private something(mostMs = momentMs): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (mostMs < momentMs) setTimeout(resolve, mostMs);
    });
  }

  /** Lets go of what was taken and not begun. */
  private giveBack(): void {
    for (const { number, attempts } of this.claimed.splice(0))
      this.writer.add({ number, state: 'pending', answer: undefined, attempts, waitMs: 0, tokens: undefined });
  }

  private stop(): void {
    this.stopped.abort();
    this.wake();
  }

  private async laterMs(): Promise<number | undefined> {
    const { database, lines } = this.tools;
    const { batch } = this.run;
    if (this.run.isLost) throw new LostBatchError();
    const { pending, dueMs = 0, isOpen } = await database.run(batch.tenantId, (tx) => lines.left(tx, batch));
    if (!isOpen) return 0;
    return pending === 0 ? undefined : Math.max(dueMs, this.pace.pauseMs, 0);
  }
}
