import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../kernel/app-error.js';
import type { ShareBudget } from '../../kernel/share-budget.js';
import type { IdempotencyRun } from '../../modules/idempotency/idempotency-run.js';
import { isKept } from '../../modules/idempotency/kept-answers.js';
import { maxAnswerBytes } from '../../modules/idempotency/stored-answer.js';
import type { Recording } from '../../modules/idempotency/recording.js';
import type { ReplySink } from '../../modules/inference/call/reply-sink.js';
import { identityOf } from '../auth/identity.js';
import { HttpReplySink } from '../reply/http-reply-sink.js';

/**
 * The sink of a relayed call. With an `Idempotency-Key` it is one that keeps the answer.
 * @param budget of replies that are held in memory.
 */
export function openReplySink(request: FastifyRequest, reply: FastifyReply, budget: ShareBudget): ReplySink {
  const run = request.gt.idempotency;
  return run?.isRunning === true ? new RecordedReplySink(request, reply, run, budget) : new HttpReplySink(request, reply);
}

/**
 * Writes a relayed answer and keeps it for repeats. It is stored before its last byte is sent, so an answer that the
 * client has whole is there after a crash; one that comes piece by piece goes out as it comes and only its end waits. One
 * that broke is not kept: its key is free before the client hears of it and tries again.
 */
class RecordedReplySink extends HttpReplySink {
  private readonly parts: Buffer[] = [];
  private bytes = 0;
  private isTooLong = false;
  private sentStatus = 200;
  private sentHeaders: Readonly<Record<string, string>> = {};
  private error: AppError | undefined;
  /** What is kept of a whole answer in place of its bytes. */
  private keptWhole: Buffer | undefined;
  private readonly tenantId: string;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    private readonly run: IdempotencyRun,
    private readonly budget: ShareBudget,
  ) {
    super(request, reply);
    this.tenantId = identityOf(request).key.tenantId;
    this.onFlushed(() => this.forget());
  }

  override write(bytes: Buffer | string, kept: Buffer | string = bytes): boolean {
    this.record(kept);
    return super.write(bytes);
  }

  override end(last?: Buffer | string, kept?: Buffer): void {
    if (this.gone) return;
    if (!this.started) {
      this.keptWhole = kept;
      super.end(last);
      return;
    }
    const lastKept = kept ?? last;
    if (lastKept !== undefined) this.record(lastKept);
    const ended = this.isTooLong
      ? this.run.release()
      : this.run.keep({ status: this.sentStatus, headers: this.sentHeaders, body: Buffer.concat(this.parts, this.bytes) });
    void ended.then(() => super.end(last));
  }

  /** A turn of a conversation is stored with its answer in one commit, unless the answer is too large to be kept. */
  override recording(last: Buffer): Recording | undefined {
    if (!this.started) return this.run.recording({ status: this.status, headers: byName(this.headers()), body: last });
    if (this.isTooLong || this.bytes + last.length > maxAnswerBytes) return undefined;
    return this.run.recording({
      status: this.sentStatus,
      headers: this.sentHeaders,
      body: Buffer.concat([...this.parts, last]),
    });
  }

  override fail(error: AppError, last?: string): void {
    this.error = error;
    if (this.started) void this.run.release().then(() => super.fail(error, last));
    else super.fail(error, last);
  }

  protected override begin(status: number, headers: readonly string[]): void {
    this.sentStatus = status;
    this.sentHeaders = byName(headers);
    super.begin(status, headers);
  }

  protected override whole(status: number, body: Buffer, headers: readonly string[]): void {
    const { error } = this;
    const kept = error === undefined || isKept({ status, errorCode: error.code, isProviders: error.isProviders });
    const written = kept ? this.run.keep({ status, headers: byName(headers), body: this.keptWhole ?? body }) : this.run.release();
    void written.then(() => {
      if (!this.gone) super.whole(status, body, headers);
    });
  }

  /** Past the largest answer that is kept, and past the tenant's share of memory, nothing is held any more. */
  private record(bytes: Buffer | string): void {
    if (this.isTooLong) return;
    const part = Buffer.from(bytes);
    if (this.bytes + part.length <= maxAnswerBytes && this.budget.take(this.tenantId, part.length)) {
      this.bytes += part.length;
      this.parts.push(part);
      return;
    }
    this.isTooLong = true;
    this.forget();
  }

  private forget(): void {
    this.budget.giveBack(this.tenantId, this.bytes);
    this.bytes = 0;
    this.parts.length = 0;
  }
}

/** Headers given in turn, name and value, as an object. */
function byName(headers: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) named[headers[at]?.toLowerCase() ?? ''] = headers[at + 1] ?? '';
  return named;
}
