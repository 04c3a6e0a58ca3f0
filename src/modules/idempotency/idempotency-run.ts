import { AppError } from '../../kernel/app-error.js';
import type { SealContext } from '../../platform/secrets/key-ring.js';
import type { StandingRequest } from './idempotent-requests.repository.js';
import type { RunTools } from './run-tools.js';
import { maxAnswerBytes, type OwnedRun, type RunScope, type StoredAnswer } from './stored-answer.js';

const retrySoon = { 'retry-after': '1' };

/**
 * One request with an `Idempotency-Key`. It claims its key once it is known what is asked, for an upload that is when
 * the bytes were read; then the first of `keep` and `release` ends it and every further one does nothing.
 */
export class IdempotencyRun {
  private state: 'unclaimed' | 'running' | 'over' = 'unclaimed';

  constructor(
    private readonly tools: RunTools,
    private readonly run: OwnedRun,
  ) {}

  /** The key is claimed and the answer not yet there. */
  get isRunning(): boolean {
    return this.state === 'running';
  }

  /**
   * Takes the key for this request.
   * @param requestHash says which request it is; the same one gives the same hash.
   * @returns the answer to send again, or undefined: then this run has the key and does the work.
   * @throws AppError idempotency_mismatch (another request), idempotency_in_progress, overloaded (no database).
   */
  async claim(requestHash: string): Promise<StoredAnswer | undefined> {
    const standing = await this.tools.requests.claim(this.run.tenantId, this.run, requestHash).catch((cause: unknown) => {
      throw new AppError('overloaded', {
        message: 'The Idempotency-Key cannot be checked right now. Please try again.',
        headers: retrySoon,
        cause,
      });
    });
    if (standing === undefined) {
      this.state = 'running';
      this.tools.live.add(this.run);
      return undefined;
    }
    this.state = 'over';
    return this.answerOf(standing, requestHash);
  }

  /** Stores the answer, sealed, before it is sent. One that is too large frees the key. Never rejects. */
  async keep(answer: StoredAnswer): Promise<void> {
    if (answer.body.length > maxAnswerBytes) return this.release();
    if (!this.finish()) return;
    const { tenantId } = this.run;
    await this.tools.live.end(this.run, () => {
      const body = new Uint8Array(this.tools.keyRing.sealBytes(answer.body, sealContext(this.run)));
      return this.tools.requests.finish(tenantId, this.run, { status: answer.status, headers: answer.headers, body });
    });
  }

  /** Frees the key: the next request with it runs. Never rejects. */
  async release(): Promise<void> {
    if (this.finish()) await this.tools.live.end(this.run, () => this.tools.requests.free(this.run.tenantId, this.run));
  }

  /** True once, for a run that has the key. */
  private finish(): boolean {
    const wasRunning = this.state === 'running';
    this.state = 'over';
    return wasRunning;
  }

  private answerOf(standing: StandingRequest, requestHash: string): StoredAnswer {
    if (standing.requestHash !== requestHash) throw new AppError('idempotency_mismatch', { param: 'idempotency-key' });
    const { status, headers, body } = standing;
    if (standing.state !== 'done' || status === null || body === null) {
      throw new AppError('idempotency_in_progress', { param: 'idempotency-key', headers: retrySoon });
    }
    return {
      status,
      headers: headers as Record<string, string>,
      body: this.tools.keyRing.openBytes(body, sealContext(this.run)),
    };
  }
}

/** A sealed answer opens only under its own tenant, API key and Idempotency-Key. */
function sealContext({ tenantId, keyId, id }: RunScope): SealContext {
  return { tenantId, recordId: `idempotency/${keyId}/${id}` };
}
