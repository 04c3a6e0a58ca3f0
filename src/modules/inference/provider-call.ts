import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { EgressClient } from '../../platform/upstream/egress-client.js';
import type { UpstreamFailure, UpstreamHandle, UpstreamHandler } from '../../platform/upstream/upstream-call.js';
import type { CallPlan } from './call-plan.js';
import { failureError, providerError, retryAfterMs } from './provider-errors.js';

/** How one call to a provider came out, for whoever waits for it. */
export interface CallObserver {
  /** The provider has begun a good answer. Whether it is of the right kind is judged here. @throws AppError when not. */
  onHead(headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: AppError, status: number): void;
}

const refusedRetryMs = 50;
const maxErrorBytes = 256 * 1024;

/**
 * One call to a provider, with the retries that cannot make it charge twice: once more after a refused connection, and
 * once more after a 429 or 503 with a short Retry-After where the agent allows it. Of answers that are no success the
 * body is gathered here; good ones go to the observer as they come.
 */
export class ProviderCall implements UpstreamHandler {
  private handle: UpstreamHandle | undefined;
  private retried = false;
  private waiting: NodeJS.Timeout | undefined;
  private refusedStatus = 0;
  private refusedHeaders: IncomingHttpHeaders = {};
  private readonly refusedBody: Buffer[] = [];
  private refusedBytes = 0;
  private over = false;

  constructor(
    private readonly client: EgressClient,
    private readonly plan: CallPlan,
    private readonly requestId: string,
    private readonly observer: CallObserver,
  ) {}

  start(): void {
    const { connection } = this.plan.target;
    this.handle = this.client.dispatch(
      {
        origin: connection.origin,
        path: connection.paths[this.plan.kind.path],
        method: 'POST',
        headers: upstreamHeaders(this.plan, this.requestId),
        body: this.plan.body,
      },
      this,
    );
  }

  /** True when nothing reads the body any more. After a retry an earlier connection might. */
  get sent(): boolean {
    return !this.retried && this.handle?.sent === true;
  }

  pause(): void {
    this.handle?.pause();
  }

  resume(): void {
    this.handle?.resume();
  }

  cancel(): void {
    this.over = true;
    clearTimeout(this.waiting);
    this.handle?.cancel();
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    this.refusedStatus = status === 200 ? 0 : status;
    this.refusedHeaders = headers;
    if (status !== 200) return;
    try {
      this.observer.onHead(headers);
    } catch (error) {
      this.cancel();
      this.observer.onError(error instanceof AppError ? error : new AppError('internal_error', { cause: error }), status);
    }
  }

  onData(chunk: Buffer): void {
    if (this.refusedStatus === 0) {
      this.observer.onData(chunk);
      return;
    }
    this.refusedBytes += chunk.length;
    this.refusedBody.push(chunk);
    if (this.refusedBytes <= maxErrorBytes) return;
    // No sentence is that long: what follows is not waited for.
    this.handle?.cancel();
    this.refused();
  }

  onEnd(): void {
    if (this.refusedStatus === 0) this.observer.onEnd();
    else this.refused();
  }

  onFailure(failure: UpstreamFailure): void {
    if (failure.kind === 'refused' && !failure.sent && !this.retried) this.retryAfter(refusedRetryMs);
    else if (this.refusedStatus !== 0) this.refused();
    else this.observer.onError(failureError(failure), 0);
  }

  private refused(): void {
    const status = this.refusedStatus;
    const waitMs = status === 429 || status === 503 ? retryAfterMs(this.refusedHeaders) : undefined;
    if (
      waitMs !== undefined &&
      waitMs <= this.plan.retryAfterMaxSeconds * 1000 &&
      this.plan.retryAfterMaxSeconds > 0 &&
      !this.retried
    ) {
      this.retryAfter(waitMs);
      return;
    }
    const names = { providerModel: this.plan.target.model, publishedName: this.plan.publishedName, hidden: this.plan.hidden };
    this.observer.onError(providerError(status, this.refusedHeaders, Buffer.concat(this.refusedBody), names), status);
  }

  private retryAfter(waitMs: number): void {
    this.retried = true;
    this.refusedStatus = 0;
    this.refusedBody.length = 0;
    this.refusedBytes = 0;
    this.waiting = setTimeout(() => {
      if (!this.over) this.start();
    }, waitMs);
  }
}

/** The fixed list of headers that go to a provider (contract section 6). Nothing of the caller's is passed on. */
function upstreamHeaders(plan: CallPlan, requestId: string): string[] {
  const headers = [
    'content-type',
    'application/json',
    'accept',
    plan.stream ? 'text/event-stream' : 'application/json',
    'accept-encoding',
    'identity',
    'user-agent',
    'gt-api',
    'x-request-id',
    requestId,
  ];
  const { authHeader } = plan.target.connection;
  if (authHeader !== null) headers.push(authHeader[0], authHeader[1]);
  return headers;
}
