import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { randomBase62 } from '../../kernel/ids.js';
import { Log, redact } from '../../observability/log.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { faultPoint } from '../../platform/fault-point.js';
import { ApprovalParts } from './approval-parts.js';
import { LostApprovalError, type ApprovalPlace } from './approval-record.js';
import { ApprovalRun, ResultTooLargeError, type RunTools } from './approval-run.js';
import { ApprovalRunsRepository, type TakenRow } from './approval-runs.repository.js';
import { ApprovalSweep } from './approval-sweep.js';
import { ApprovalWatchRepository } from './approval-watch.repository.js';
import type { CallMaker, MadeCall } from './approved-call.js';
import { brokenOff, errorAnswer, interrupted, notWhole, tooLarge } from './error-answer.js';
import { HeldHeads } from './held-heads.js';

/** How often a process looks for calls to make. Who approves one is heard at once. */
const lookMs = 2_000;
const beatMs = 3_000;
/** So many calls a process makes at a time, and so many of one tenant. */
const places = 8;
const placesOfTenant = 6;
/** What may pass before a call has gone out is tried again so often; a limit of the platform's passes in any case. */
const mostAttempts = 6;
/** A conflict may be with a run of the same call that has died just now: its Idempotency-Key is free after half a minute. */
const mostConflicts = 10;
const longestWaitMs = 60_000;
/** How long the ends of runs are waited for that were broken off. */
const stopMs = 2_000;

/** Whoever runs it has let go of it: the process stops. */
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/**
 * Makes approved calls, each once: a call that no run has is taken, made through the doors of this process, and its answer is
 * stored as it comes. Every API process does so.
 */
@Injectable()
export class ApprovalRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly tools: RunTools;
  private readonly runs = new Map<string, ApprovalRun | undefined>();
  private readonly ofTenants = new Map<string, number>();
  private make: CallMaker | undefined;
  private isStopped = false;
  private isAway = false;
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private beats: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: TenantDatabase,
    private readonly rows: ApprovalRunsRepository,
    private readonly parts: ApprovalParts,
    private readonly heads: HeldHeads,
    private readonly watch: ApprovalWatchRepository,
    private readonly sweep: ApprovalSweep,
    private readonly log: Log,
    private readonly config: Config,
  ) {
    this.tools = { database, rows, parts, config };
  }

  /** Says how calls are made. To be called before the application begins. */
  makeBy(make: CallMaker): void {
    this.make = make;
  }

  onApplicationBootstrap(): void {
    if (this.make === undefined) return;
    this.timer = setTimeout(() => this.tick(), lookMs).unref();
    this.beats = setInterval(() => void this.beat(), beatMs).unref();
  }

  /** Looks now whether there is something to make. */
  poke(): void {
    void this.look();
  }

  /** Takes nothing further, lets what runs end within the time, and breaks off the rest. */
  async stop(graceMs: number): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const deadline = performance.now() + graceMs; this.runs.size > 0 && performance.now() < deadline;) await wait(20);
    for (const run of this.runs.values()) run?.stop(new StoppedError());
    for (const deadline = performance.now() + stopMs; this.runs.size > 0 && performance.now() < deadline;) await wait(20);
    clearInterval(this.beats);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop(0);
  }

  private tick(): void {
    void Promise.all([this.look(), this.sweep.sweep()]).finally(() => {
      if (!this.isStopped) this.timer = setTimeout(() => this.tick(), lookMs).unref();
    });
  }

  /** One look at a time; what comes meanwhile is found by the next one. */
  private look(): Promise<void> {
    const again = (): Promise<void> => this.takeDue().catch((error: unknown) => this.away(error));
    this.looking = (this.looking ?? Promise.resolve()).then(again);
    return this.looking;
  }

  private async takeDue(): Promise<void> {
    if (this.isStopped || this.make === undefined || this.runs.size >= places) return;
    const due = await this.watch.due(places * 4, placesOfTenant);
    this.isAway = false;
    for (const place of due) {
      if (this.runs.size >= places) return;
      if ((this.ofTenants.get(place.tenantId) ?? 0) < placesOfTenant) void this.run(place, this.make);
    }
  }

  private async run(place: ApprovalPlace, make: CallMaker): Promise<void> {
    const { tenantId, id } = place;
    const owner = randomBase62(24);
    this.runs.set(owner, undefined);
    this.ofTenants.set(tenantId, (this.ofTenants.get(tenantId) ?? 0) + 1);
    try {
      const row = await this.database.run(tenantId, (tx) => this.rows.take(tx, { ...place, owner }));
      if (row === undefined) return;
      faultPoint(this.config.GT_FAULT_POINT, 'approvals.after-claim');
      const run = await this.opened(row);
      this.runs.set(owner, run);
      if (run !== undefined) await this.conclude(run, make);
    } catch (error) {
      // Somebody else has it, or the sweep will find it.
      if (!(error instanceof LostApprovalError))
        this.log.failure(new Error('a run of an approved call failed', { cause: error }), {
          tenant_id: tenantId,
          approval_id: id,
        });
    } finally {
      this.runs.delete(owner);
      const left = (this.ofTenants.get(tenantId) ?? 1) - 1;
      if (left > 0) this.ofTenants.set(tenantId, left);
      else this.ofTenants.delete(tenantId);
      if (!this.isStopped && this.runs.size === places - 1) this.poke();
    }
  }

  /** The call with what was asked. One that is not what was held ends here. */
  private async opened(row: TakenRow): Promise<ApprovalRun | undefined> {
    const pieces = await this.database.run(row.tenantId, (tx) => this.requestOf(tx, row)).catch((error: unknown) => error);
    try {
      if (!Array.isArray(pieces)) throw pieces;
      const body = Buffer.concat(pieces as Buffer[]);
      if (hash('sha256', body, 'hex') !== row.bodySha256) throw new Error('its body is not the one that was held');
      return new ApprovalRun(this.tools, row, this.heads.open(row, row.head), body);
    } catch (cause) {
      const error = notWhole(cause);
      this.log.failure(error, { tenant_id: row.tenantId, approval_id: row.id });
      const { answer, body } = errorAnswer(error);
      await new ApprovalRun(this.tools, row, { url: '', headers: {}, ip: '' }, Buffer.alloc(0)).finishWith(answer, body);
      return undefined;
    }
  }

  private async requestOf(tx: Transaction, row: TakenRow): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    for (let number = 0; number < row.bodyParts; number += 1) {
      const piece = await this.parts.read(tx, row, 'request', number);
      if (piece === undefined) throw new Error('a piece of the body is missing');
      pieces.push(piece);
    }
    return pieces;
  }

  private async conclude(run: ApprovalRun, make: CallMaker): Promise<void> {
    let made: MadeCall;
    try {
      made = await make(run);
      for await (const bytes of made.body) await run.add(bytes);
    } catch (error) {
      return this.concludeBroken(run, error);
    }
    const { status, headers, requestId } = made;
    if (!run.isSent && passes(status, run.row.attempts)) await run.giveBack(waitMs(run));
    else await run.finish({ status, headers }, requestId);
  }

  private async concludeBroken(run: ApprovalRun, thrown: unknown): Promise<void> {
    const error: unknown = run.signal.aborted ? run.signal.reason : thrown;
    if (error instanceof LostApprovalError) throw error;
    if (!run.isSent && error instanceof StoppedError) return run.giveBack(0);
    if (!run.isSent && run.row.attempts < mostAttempts) return run.giveBack(waitMs(run));
    const told =
      error instanceof StoppedError ? interrupted() : error instanceof ResultTooLargeError ? tooLarge() : brokenOff(error);
    const { answer, body } = errorAnswer(told);
    await run.finishWith(answer, body);
  }

  private async beat(): Promise<void> {
    const running = [...this.runs.values()].filter((run) => run !== undefined);
    if (running.length === 0) return;
    try {
      const alive = await this.watch.beat(running.map(({ row }) => row));
      for (const run of running) if (!alive.has(run.row.owner) && this.runs.has(run.row.owner)) run.stop(new LostApprovalError());
    } catch (error) {
      this.away(error);
    }
  }

  /** Told once, until the database is back. */
  private away(error: unknown): void {
    if (this.isAway) return;
    this.isAway = true;
    this.log.warn('approved calls could not be looked for', { cause: redact(String(error)) });
  }
}

function passes(status: number, attempts: number): boolean {
  return status === 429 || (status === 409 && attempts < mostConflicts) || (status >= 500 && attempts < mostAttempts);
}

function waitMs({ row }: ApprovalRun): number {
  return Math.min(longestWaitMs, 1_000 * 2 ** Math.min(row.attempts - 1, 10));
}
