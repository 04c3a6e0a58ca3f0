import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../kernel/app-error.js';
import type { IdempotencyRun } from '../../modules/idempotency/idempotency-run.js';
import { isKept } from '../../modules/idempotency/kept-answers.js';
import { maxAnswerBytes } from '../../modules/idempotency/stored-answer.js';
import type { Recording } from '../../modules/idempotency/recording.js';
import type { AnswerEnding, ReplySink } from '../../modules/inference/reply-sink.js';
import { HttpReplySink } from '../streaming/http-reply-sink.js';

/** The sink of a relayed call. With an `Idempotency-Key` it is one that keeps the answer. */
export function openReplySink(request: FastifyRequest, reply: FastifyReply): ReplySink {
  const run = request.gt.idempotency;
  return run?.isRunning === true ? new RecordedReplySink(request, reply, run) : new HttpReplySink(request, reply);
}

/**
 * Writes a relayed answer and keeps it for repeats. It is stored before its last byte is sent, so an answer that the
 * client has whole is there after a crash; a stream goes out as it comes and only its end waits. A stream that broke is
 * not kept: its key is free before the client hears of it and tries again.
 */
class RecordedReplySink extends HttpReplySink {
  private readonly parts: Buffer[] = [];
  private bytes = 0;
  private headers: Readonly<Record<string, string>> = {};
  private error: AppError | undefined;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    private readonly run: IdempotencyRun,
  ) {
    super(request, reply);
  }

  override write(bytes: Buffer | string): boolean {
    this.record(bytes);
    return super.write(bytes);
  }

  override end(last?: Buffer | string): void {
    if (this.gone) return;
    if (last !== undefined) this.record(last);
    const isWhole = this.bytes <= maxAnswerBytes;
    const ended = isWhole
      ? this.run.keep({ status: 200, headers: this.headers, body: Buffer.concat(this.parts, this.bytes) })
      : this.run.release();
    void ended.then(() => super.end(last));
  }

  /** A turn of a conversation is stored with its answer in one commit, unless the answer is too large to be kept. */
  recording(ending: AnswerEnding): Recording | undefined {
    if ('json' in ending) return this.run.recording({ status: 200, headers: byName(this.jsonHeaders()), body: ending.json });
    if (this.bytes + ending.last.length > maxAnswerBytes) return undefined;
    return this.run.recording({ status: 200, headers: this.headers, body: Buffer.concat([...this.parts, ending.last]) });
  }

  override fail(error: AppError): void {
    this.error = error;
    if (this.streaming) void this.run.release().then(() => super.fail(error));
    else super.fail(error);
  }

  protected override head(headers: readonly string[]): void {
    this.headers = byName(headers);
    super.head(headers);
  }

  protected override whole(status: number, body: Buffer, headers: readonly string[]): void {
    const { error } = this;
    const kept = error === undefined || isKept({ status, errorCode: error.code, isProviders: error.isProviders });
    const written = kept ? this.run.keep({ status, headers: byName(headers), body }) : this.run.release();
    void written.then(() => {
      if (!this.gone) super.whole(status, body, headers);
    });
  }

  /** Past the largest answer that is kept nothing is held any more. */
  private record(bytes: Buffer | string): void {
    this.bytes += Buffer.byteLength(bytes);
    if (this.bytes <= maxAnswerBytes) this.parts.push(Buffer.from(bytes));
    else this.parts.length = 0;
  }
}

/** Headers given in turn, name and value, as an object. */
function byName(headers: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) named[headers[at]?.toLowerCase() ?? ''] = headers[at + 1] ?? '';
  return named;
}
