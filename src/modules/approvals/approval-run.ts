import type { Config } from '../../config/config.module.js';
import { overloaded } from '../../kernel/app-error.js';
import { DatabaseAwayError } from '../../platform/database/database-away.js';
import type { TenantDatabase, Transaction } from '../../platform/database/tenant-database.js';
import { withPatience } from '../../platform/database/with-patience.js';
import { faultPoint } from '../../platform/fault-point.js';
import type { ApprovalParts } from './approval-parts.js';
import { idempotencyIdOf, mostResultBytes, type CallAnswer, type HeldHead } from './approval-record.js';
import type { ApprovalRunsRepository, TakenRow } from './approval-runs.repository.js';
import type { ApprovedCall } from './approved-call.js';

/** So many bytes of an answer that comes are held before they are stored. */
const flushBytes = 256 * 1024;

/** What every run needs of its surroundings. */
export interface RunTools {
  readonly database: TenantDatabase;
  readonly rows: ApprovalRunsRepository;
  readonly parts: ApprovalParts;
  readonly config: Config;
}

/** The answer is larger than any that is kept. */
export class ResultTooLargeError extends Error {
  override readonly name = 'ResultTooLargeError';
}

/** One run of a call that it has taken, from the taking to the end. */
export class ApprovalRun implements ApprovedCall {
  readonly idempotencyId: string;
  /** The call may have gone out. */
  isSent = false;
  private readonly stopping = new AbortController();
  private mark: Promise<void> | undefined;
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  private bytes = 0;
  private stored = 0;

  constructor(
    private readonly tools: RunTools,
    readonly row: TakenRow,
    readonly head: HeldHead,
    readonly body: Buffer,
  ) {
    this.idempotencyId = idempotencyIdOf(row);
  }

  get tenantId(): string {
    return this.row.tenantId;
  }

  get id(): string {
    return this.row.id;
  }

  get keyId(): string {
    return this.row.keyId;
  }

  get method(): string {
    return this.row.method;
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Breaks the call off. @param reason is thrown to whoever reads its answer. */
  stop(reason: Error): void {
    this.stopping.abort(reason);
  }

  async sending(requestId: string): Promise<void> {
    try {
      this.signal.throwIfAborted();
      this.mark ??= this.markSent(requestId);
      await this.mark;
      this.signal.throwIfAborted();
    } catch (cause) {
      // Nothing was done: no answer may be kept that says otherwise.
      throw overloaded(cause);
    }
  }

  /** Takes bytes of the answer, which are stored as they come. @throws LostApprovalError, ResultTooLargeError. */
  async add(bytes: Buffer): Promise<void> {
    this.bytes += bytes.length;
    if (this.bytes > mostResultBytes) throw new ResultTooLargeError();
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    if (this.heldBytes < flushBytes) return;
    await this.patiently((tx) => this.store(tx));
    this.flushed();
    this.reach('approvals.after-part');
  }

  /** Ends the call: what came is its result. @throws LostApprovalError. */
  async finish(answer: CallAnswer, requestId: string | null): Promise<void> {
    await this.patiently(async (tx) => {
      await this.store(tx);
      await this.tools.rows.end(tx, this.row, answer, requestId);
      await this.tools.parts.remove(tx, this.row, 'request');
      this.reach('approvals.before-end');
    });
    this.reach('approvals.after-end');
  }

  /** Ends the call with something else in the place of what came. @throws LostApprovalError. */
  async finishWith(answer: CallAnswer, body: Buffer): Promise<void> {
    await this.patiently((tx) => endWith(tx, this.tools, this.row, answer, body));
  }

  /** Lets go of a call that has not gone out: it is made again, after so long. @throws LostApprovalError. */
  async giveBack(afterMs: number): Promise<void> {
    await this.patiently((tx) => this.tools.rows.giveBack(tx, this.row, afterMs));
  }

  private async markSent(requestId: string): Promise<void> {
    this.reach('approvals.before-mark');
    await this.tools.database.run(this.tenantId, (tx) => this.tools.rows.markSent(tx, this.row, requestId));
    this.isSent = true;
    this.reach('approvals.after-mark');
  }

  private async store(tx: Transaction): Promise<void> {
    const sealed = this.tools.parts.seal(this.row, 'result', Buffer.concat(this.held), this.stored);
    await this.tools.rows.note(tx, this.row, this.bytes, this.stored + sealed.length);
    await this.tools.parts.insert(tx, this.row, 'result', sealed, this.stored);
  }

  private flushed(): void {
    this.stored += Math.ceil(this.heldBytes / (1024 * 1024));
    this.held.length = 0;
    this.heldBytes = 0;
  }

  /** In a transaction of its own, again while the database is away. */
  private patiently(work: (tx: Transaction) => Promise<void>): Promise<void> {
    return withPatience(
      () => this.tools.database.run(this.tenantId, work),
      (error) => error instanceof DatabaseAwayError,
    );
  }

  private reach(step: string): void {
    faultPoint(this.tools.config.GT_FAULT_POINT, step);
  }
}

/** Ends a call with this result, whatever came of another. @throws LostApprovalError. */
export async function endWith(
  tx: Transaction,
  { rows, parts }: Pick<RunTools, 'rows' | 'parts'>,
  claim: Pick<TakenRow, 'tenantId' | 'id' | 'owner'>,
  answer: CallAnswer,
  body: Buffer,
): Promise<void> {
  const sealed = parts.seal(claim, 'result', body);
  await rows.note(tx, claim, body.length, sealed.length);
  await parts.remove(tx, claim, 'result');
  await parts.insert(tx, claim, 'result', sealed);
  await rows.end(tx, claim, answer);
  await parts.remove(tx, claim, 'request');
}
