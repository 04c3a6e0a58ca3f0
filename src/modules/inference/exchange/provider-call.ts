import type { IncomingHttpHeaders } from 'node:http';
import { AppError, asAppError } from '../../../kernel/app-error.js';
import type { EgressClient } from '../../../platform/upstream/egress-client.js';
import type { TracedAttempt } from '../../../observability/tracing/call-trace.js';
import type { UpstreamFailure, UpstreamHandle, UpstreamHandler } from '../../../platform/upstream/upstream-call.js';
import {
  answered,
  brokenOff,
  failedBy,
  leftEarly,
  notSignedIn,
  refusedWith,
  wronglyAnswered,
  type CallOutcome,
} from '../../connections/circuit/call-outcome.js';
import type { LetThrough } from '../../connections/circuit/circuit.js';
import type { CallPlan } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import { attemptFacts } from './attempt-facts.js';
import { CallRetries, type SentAgain } from './call-retries.js';
import { DecodedBody } from './decoded-body.js';
import { failureError, heldBackError } from './provider-errors.js';
import { RefusedAnswer } from './refused-answer.js';
import { upstreamHeaders } from './upstream-headers.js';

/** How one call to a provider came out, for whoever waits for it. */
export interface CallObserver {
  /** The provider has begun a good answer. Whether it is of the right kind is judged here. @throws AppError when not. */
  onGoodHead(headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: AppError, status: number): void;
}

/** A call as its exchange sees it. */
export type CallToProvider = Pick<
  ProviderCall,
  'answered' | 'attempt' | 'cancel' | 'finished' | 'observer' | 'pause' | 'resume' | 'sent' | 'start'
>;

/**
 * One call to a provider, sent as often as `CallRetries` allows. Good answers go to the observer as they come. The connection's
 * circuit lets the call through or refuses it, and hears how it ended.
 */
export class ProviderCall implements UpstreamHandler {
  private handle: UpstreamHandle | undefined;
  /** It was sent more than once, for whatever reason. */
  private resent = false;
  private waiting: NodeJS.Timeout | undefined;
  /** The status of the provider's answer; null while there is none. */
  answered: number | null = null;
  /** The answer, where it is no success. */
  private refusal: RefusedAnswer | undefined;
  private over = false;
  private decoded: DecodedBody | undefined;
  /** What signed in. */
  private signIn: readonly string[] = [];
  private readonly retries: CallRetries;
  /** What the connection's circuit was given back for, or will be. */
  private passage: LetThrough | undefined;
  private outcome: CallOutcome | undefined;
  /** The present try in the call's trace. */
  attempt: TracedAttempt | undefined;

  constructor(
    private readonly client: Pick<EgressClient, 'dispatch'>,
    private readonly plan: CallPlan,
    private readonly request: Pick<InferenceRequest, 'identity' | 'requestId' | 'trace'>,
    /** Who hears of the call; it may change until the answer begins. */
    public observer: CallObserver,
  ) {
    this.retries = new CallRetries(plan);
  }

  /** @throws AppError for a connection that cannot be used. */
  start(): void {
    const entered = this.plan.target.connection.circuit.enter();
    if (entered.refused === undefined) {
      this.passage = entered;
      this.ask();
    } else this.observer.onError(heldBackError(entered), 0);
  }

  private ask(): void {
    const { login } = this.plan.target.connection;
    const known = login === null ? this.retries.tokens.begin() : login.peek();
    if (known !== undefined) this.send(known);
    else
      login?.get().then(
        (headers) => this.send(headers),
        (error: unknown) => this.notSignedIn(error, 0),
      );
  }

  private send(signIn: readonly string[]): void {
    if (this.over) return;
    this.signIn = signIn;
    const { connection } = this.plan.target;
    const { path, body } = this.retries.other ?? this.plan;
    const { requestId, trace, identity } = this.request;
    this.attempt = trace?.attempt(attemptFacts(this.plan));
    this.handle = this.client.dispatch(
      {
        origin: connection.origin,
        path,
        method: 'POST',
        headers: [...upstreamHeaders(this.plan, requestId, this.attempt?.headers), ...signIn],
        body,
        way: connection.way,
        tenantId: identity.key.tenantId,
      },
      this,
    );
  }

  /** True when nothing reads the body any more. After a retry an earlier connection might. */
  get sent(): boolean {
    return !this.resent && this.handle?.sent === true;
  }

  pause(): void {
    if (this.decoded === undefined) this.handle?.pause();
    else this.decoded.pause();
  }

  resume(): void {
    if (this.decoded === undefined) this.handle?.resume();
    else this.decoded.resume();
  }

  /** The answer is whole, whatever else comes of the connection. */
  finished(): void {
    this.passage?.end(answered);
  }

  /** @param outcome what the circuit is told where the provider has not failed by itself. */
  cancel(outcome = leftEarly): void {
    this.passage?.end(this.outcome ?? outcome);
    this.over = true;
    clearTimeout(this.waiting);
    this.decoded?.destroy();
    this.handle?.cancel();
  }

  onSending(): void {
    this.attempt?.sending();
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    const isGood = status >= 200 && status < 300;
    this.answered = status;
    this.refusal = isGood ? undefined : new RefusedAnswer(status, headers);
    try {
      const encoding = headers['content-encoding'];
      this.decoded = encoding === undefined || encoding === 'identity' ? undefined : this.decode(encoding);
      if (!isGood) return;
      this.passage?.answering();
      this.observer.onGoodHead(headers);
    } catch (thrown) {
      const error = asAppError(thrown);
      this.fail(error, status, error.code === 'upstream_error' ? wronglyAnswered : leftEarly);
    }
  }

  onData(chunk: Buffer): void {
    if (this.decoded === undefined) this.take(chunk);
    else this.decoded.write(chunk);
  }

  onEnd(): void {
    if (this.decoded === undefined) this.ended();
    else this.decoded.end();
  }

  onFailure(failure: UpstreamFailure): void {
    if (this.decoded !== undefined) this.decoded.destroy();
    const again = this.retries.afterFailure(failure);
    if (again !== undefined) this.again(again);
    else if (this.refusal !== undefined) this.refused(this.refusal);
    else this.fail(failureError(failure), 0, failedBy(failure.kind));
  }

  /** A body that is encoded although the call asked for none. @throws AppError upstream_error for an unknown encoding. */
  private decode(encoding: string): DecodedBody {
    const decoded = DecodedBody.of(encoding, {
      onData: (chunk) => this.take(chunk),
      onEnd: () => this.ended(),
      onBroken: (error) => {
        if (this.over) return;
        this.fail(wrongAnswer(`the provider's ${encoding} is broken: ${error.message}`), 0, brokenOff);
      },
      pauseSource: () => this.handle?.pause(),
      resumeSource: () => this.handle?.resume(),
    });
    if (decoded === undefined) throw wrongAnswer(`the provider answered with the content encoding "${encoding}"`);
    return decoded;
  }

  private take(chunk: Buffer): void {
    if (this.over) return;
    if (this.refusal === undefined) {
      this.observer.onData(chunk);
      return;
    }
    if (this.refusal.take(chunk)) return;
    this.decoded?.destroy();
    this.handle?.cancel();
    this.refused(this.refusal);
  }

  private ended(): void {
    if (this.over) return;
    if (this.refusal === undefined) {
      this.observer.onEnd();
      this.finished();
    } else this.refused(this.refusal);
  }

  private refused(refusal: RefusedAnswer): void {
    if (this.over) return;
    const { status } = refusal;
    const again = this.retries.afterRefusal(refusal, this.signIn);
    if (again instanceof Promise) {
      again.then(
        (renewed) => (renewed === undefined ? this.refused(refusal) : this.again(renewed)),
        (error: unknown) => this.notSignedIn(error, status),
      );
    } else if (again === undefined) {
      const error = refusal.errorFor(this.plan, this.retries.other !== undefined, this.signIn);
      this.fail(error, status, refusedWith(status, error.code !== 'upstream_error'));
    } else this.again(again);
  }

  private notSignedIn(error: unknown, status: number): void {
    if (!this.over) this.fail(asAppError(error), status, notSignedIn);
  }

  private fail(error: AppError, status: number, outcome: CallOutcome): void {
    this.outcome = outcome;
    this.observer.onError(error, status);
    this.cancel();
  }

  private again({ waitMs, signIn }: SentAgain): void {
    this.resent = true;
    this.attempt?.sentAgain(this.answered);
    this.attempt = undefined;
    this.answered = null;
    this.refusal = undefined;
    this.decoded = undefined;
    this.waiting = setTimeout(() => {
      if (this.over) return;
      if (signIn === undefined) this.ask();
      else this.send(signIn);
    }, waitMs);
  }
}
