import { AppError } from '../../kernel/app-error.js';
import type { KeyRing, SealContext } from '../../platform/secrets/key-ring.js';
import type { SealedAnswer, StandingRequest } from './idempotent-requests.repository.js';
import type { Recording } from './recording.js';
import type { RunTools } from './run-tools.js';
import { maxAnswerBytes, type OwnedRun, type RunScope, type StoredAnswer } from './stored-answer.js';

const retrySoon = { 'retry-after': '1' };

/**
 * One request with an `Idempotency-Key`. It claims its key once it is known what is asked, for an upload that is when
 * the bytes were read; then the first of `keep` and `release` ends it and every further one does nothing.
 */
export class IdempotencyRun {
  private state: 'unclaimed' | 'running' | 'over' = 'unclaimed';
  private isRecorded = false;

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

  /**
   * How the answer is written down with the work: in the transaction that does it, whatever the answer's size. Whoever
   * asks again then gets this answer, even if the process dies before it was sent or the commit's own answer is lost.
   * @throws AppError idempotency_in_progress, into the transaction, when the key is no longer this run's.
   */
  recording(answer: StoredAnswer): Recording {
    return async (tx) => {
      if (!(await this.tools.requests.finishIn(tx, this.run, this.sealed(answer)))) throw inProgress();
      this.isRecorded = true;
      this.tools.faultPoint('idempotency.recorded');
    };
  }

  /**
   * Stores the answer, sealed, before it is sent; a good one that was recorded with its work is there already. One that is
   * too large frees the key. Never rejects.
   */
  async keep(answer: StoredAnswer): Promise<void> {
    this.tools.faultPoint('idempotency.before-answer');
    const isThere = this.isRecorded && answer.status < 400;
    if (!isThere && answer.body.length > maxAnswerBytes) return this.release();
    if (!this.finish()) return;
    await this.tools.live.end(this.run, async () => {
      if (!isThere) await this.tools.requests.finish(this.run, this.sealed(answer));
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

  private sealed({ status, headers, body }: StoredAnswer): SealedAnswer {
    return { status, headers, body: new Uint8Array(this.tools.keyRing.sealBytes(body, sealContext(this.run))) };
  }

  private answerOf(standing: StandingRequest, requestHash: string): StoredAnswer {
    if (standing.requestHash !== requestHash) throw new AppError('idempotency_mismatch', { param: 'idempotency-key' });
    const { status, headers, body } = standing;
    if (standing.state !== 'done' || status === null || body === null) throw inProgress();
    return openedAnswer(this.tools.keyRing, this.run, { status, headers: headers as Record<string, string>, body });
  }
}

/** A kept answer as it is sent again. @throws SealError. */
export function openedAnswer(
  keyRing: KeyRing,
  scope: RunScope,
  { status, headers, body }: Omit<StoredAnswer, 'body'> & { readonly body: Uint8Array },
): StoredAnswer {
  return { status, headers, body: keyRing.openBytes(body, sealContext(scope)) };
}

function inProgress(): AppError {
  return new AppError('idempotency_in_progress', { param: 'idempotency-key', headers: retrySoon });
}

/** A sealed answer opens only under its own tenant, API key and Idempotency-Key. */
function sealContext({ tenantId, keyId, id }: RunScope): SealContext {
  return { tenantId, recordId: `idempotency/${keyId}/${id}` };
}
