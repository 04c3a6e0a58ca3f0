import type { IncomingHttpHeaders } from 'node:http';
import { asAppError, type AppError } from '../../../kernel/app-error.js';
import type { CallEnd, CallMeasures } from '../../../platform/journal/call-record.js';
import { leftEarly, wronglyAnswered } from '../../connections/circuit/call-outcome.js';
import type { Ticket } from '../../usage/gates/ticket.js';
import type { WholeReply } from '../call/answer.js';
import type { CallPlan } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { ReplySink } from '../call/reply-sink.js';
import type { Stage } from '../call/stage.js';
import { countUsage, type Said } from '../counting/count-usage.js';
import { onlyTokens, type UsageTokens } from '../wire/usage-tokens.js';
import { AnsweredCall } from './answered-call.js';
import type { ExchangeTools } from './exchange-tools.js';
import { FetchedParts } from './fetched-parts.js';
import { HeldReply } from './held-reply.js';
import { ProviderCall, type CallObserver, type CallToProvider } from './provider-call.js';

const nothing = onlyTokens(0, 0);
const noText = Buffer.alloc(0);

/** A call that was let through, with all that belongs to it. */
export interface AdmittedCall {
  readonly plan: CallPlan;
  readonly request: InferenceRequest;
  readonly ticket: Pick<Ticket, 'settle' | 'outputBound'>;
  readonly sink: ReplySink;
  /** What stands between provider and client; undefined where nothing does. */
  readonly stages: readonly Stage[] | undefined;
  /** The call where it was sent already and its answer is about to begin. */
  readonly running?: CallToProvider | undefined;
}

/**
 * One admitted call from its sending to its booking. However it ends, by the provider's end, its failure, the client's
 * leaving or the key's revocation, it is settled once; the last bytes of a good answer follow the settling.
 */
export abstract class Exchange implements CallObserver {
  protected readonly call: CallToProvider;
  protected readonly plan: CallPlan;
  protected readonly request: InferenceRequest;
  protected readonly sink: ReplySink;
  protected readonly stages: readonly Stage[] | undefined;
  protected over = false;
  protected firstByteAt: number | null = null;
  protected tokens: UsageTokens | null = null;
  /** What the answer took beside tokens, as far as it has come. */
  protected measures: CallMeasures | undefined;
  /** Called once when the exchange is over. */
  whenOver: () => void = () => undefined;
  private readonly ticket: AdmittedCall['ticket'];
  private fetching: FetchedParts | undefined;

  constructor(
    protected readonly tools: ExchangeTools,
    { plan, request, ticket, sink, stages, running }: AdmittedCall,
  ) {
    this.plan = plan;
    this.request = request;
    this.ticket = ticket;
    this.sink = sink;
    this.stages = stages;
    if (running === undefined) {
      tools.begin();
      this.call =
        request.given === undefined
          ? new ProviderCall(tools.clientOf(plan.target.connection), plan, request, this)
          : new AnsweredCall(plan, request.given, this);
    } else {
      this.call = running;
      running.observer = this;
    }
  }

  start(): void {
    this.listen();
    if (this.sink.gone) this.clientGone();
    else this.call.start();
  }

  /** Goes on with a call whose good answer begins now. @throws AppError when it is none. */
  goOn(headers: IncomingHttpHeaders): void {
    this.listen();
    this.onHead(headers);
  }

  private listen(): void {
    this.sink.onGone(() => this.clientGone());
    this.request.form?.onBroken((error) => this.abort(error));
  }

  /** Ends the call from outside: the key was revoked, the process stops. The client gets the error. */
  abort(error: AppError): void {
    if (this.over) return;
    this.call.attempt?.failed(error.code);
    this.call.cancel();
    this.finishCounted('interrupted', this.statusGiven(error));
    this.fail(error);
  }

  onGoodHead(headers: IncomingHttpHeaders): void {
    for (const [name, value] of Object.entries(this.plan.answerHeaders?.(headers) ?? {})) this.sink.setHeader(name, value);
    this.onHead(headers);
  }

  /** The answer is about to come. @throws AppError when it is not of the right kind. */
  protected abstract onHead(headers: IncomingHttpHeaders): void;
  abstract onData(chunk: Buffer): void;
  abstract onEnd(): void;

  onError(error: AppError): void {
    if (this.over) return;
    this.call.attempt?.failed(error.code);
    this.call.cancel(error.code === 'upstream_error' ? wronglyAnswered : leftEarly);
    this.tools.report(error, this.request.requestId);
    this.finishCounted('upstream_failed', this.statusGiven(error));
    this.fail(error);
  }

  /** The status that the client was given, or is given now for this error. */
  protected statusGiven(error: AppError): number {
    return error.status;
  }

  /** What the provider has told of its tokens so far. */
  protected reportedTokens(): UsageTokens | null {
    return null;
  }

  /** What the answer took beside tokens, for the booking. */
  protected measured(): CallMeasures | undefined {
    return this.measures;
  }

  /** What was received so far, for counting where the provider told nothing. */
  protected received(): Said {
    return { form: 'json', bytes: [] };
  }

  /** Told once when the exchange is over, to let go of timers. */
  protected release(): void {
    // An exchange that holds nothing has nothing to do.
  }

  /** Nothing of the answer is sent any more: what is held of it can go. */
  protected drop(): void {
    // An exchange that holds nothing has nothing to do.
  }

  /** Tells the client that the answer does not become whole. */
  protected fail(error: AppError): void {
    this.abandon();
    this.sink.fail(error, this.plan.streamed?.errorEvent(error));
    this.drop();
  }

  /** Settles with the provider's own figures; `settled` runs when that is safe from a crash. */
  protected finish(state: CallEnd['state'], status: number, settled: () => void): void {
    if (this.over) return;
    this.close(state);
    if (state === 'completed' && this.call.sent) this.request.releaseBody?.();
    this.ticket.settle(this.result(state, status, this.tokens === null ? 'none' : 'upstream', this.tokens ?? nothing), settled);
  }

  /**
   * Settles with the provider's figures or else with counted ones. `settled` runs when the record is safe from a crash, so the
   * last bytes of a good answer wait for the counting too; it gets the figures where they were counted.
   */
  protected finishCounted(
    state: CallEnd['state'],
    status: number,
    settled: (counted?: UsageTokens) => void = () => undefined,
  ): void {
    this.tokens ??= this.reportedTokens();
    if (this.tokens !== null || (this.firstByteAt === null && state !== 'completed')) {
      this.finish(state, status, () => settled());
      return;
    }
    if (this.over) return;
    this.close(state);
    const settle = (source: CallEnd['source'], tokens: UsageTokens): void =>
      this.ticket.settle(this.result(state, status, source, tokens), () => settled(tokens));
    const { body } = this.plan;
    const { tenantId } = this.request.identity.key;
    countUsage(tenantId, Buffer.isBuffer(body) ? body : noText, this.received()).then(
      (tokens) => settle('counted', tokens),
      () => settle('none', nothing),
    );
  }

  /**
   * Gives a judged reply when it is whole: at once, or when what stands elsewhere has been fetched.
   * @param give may throw an AppError, which fails the call.
   */
  protected whole({ bytes, elsewhere }: WholeReply, give: (bytes: Buffer) => void): void {
    if (elsewhere === undefined) {
      give(bytes);
      return;
    }
    const held = new HeldReply(this.tools.replies, this.request.identity.key.tenantId);
    this.sink.onFlushed(() => held.giveBack());
    const { origin, way } = this.plan.target.connection;
    const by = { own: { client: this.tools.client, origin, way }, others: this.tools.addresses };
    this.fetching = new FetchedParts(by, elsewhere.addresses, held, this.tools.maxReplyBytes, {
      onFetched: (contents) => {
        try {
          give(elsewhere.filled(contents));
        } catch (error) {
          this.onError(asAppError(error));
        }
      },
      onFailed: (error) => this.onError(error),
    });
    this.fetching.start();
  }

  private abandon(): void {
    if (this.stages !== undefined) for (const stage of this.stages) stage.abandon();
  }

  private close(state: CallEnd['state']): void {
    this.over = true;
    this.call.attempt?.over();
    if (state === 'completed') this.call.finished();
    this.fetching?.cancel();
    // Nobody reads on for a client that still takes the end: a connection left paused would be held, and never used again.
    this.call.resume();
    this.release();
    this.whenOver();
  }

  private clientGone(): void {
    // Also when the answer is booked: what is still kept must not be.
    this.abandon();
    if (this.over) return;
    this.call.cancel();
    this.finishCounted('client_closed', 499);
    this.drop();
  }

  private result(state: CallEnd['state'], status: number, source: CallEnd['source'], tokens: UsageTokens): CallEnd {
    const { startedAt } = this.request;
    const end: CallEnd = {
      status,
      state,
      source,
      inputTokens: tokens.inputTokens,
      cachedInputTokens: tokens.cachedInputTokens,
      cacheWriteTokens: tokens.cacheWriteTokens,
      outputTokens: tokens.outputTokens,
      reasoningTokens: tokens.reasoningTokens,
      totalTokens: tokens.totalTokens,
      latencyMs: performance.now() - startedAt,
      firstTokenMs: this.plan.streamed !== undefined && this.firstByteAt !== null ? this.firstByteAt - startedAt : null,
      upstreamStatus: this.call.answered,
      ...(this.request.given === undefined ? {} : { providerBatch: true }),
    };
    this.tools.count(this.plan.kind.routeId, end);
    this.call.attempt?.settled(end, this.firstByteAt);
    const measures = this.measured();
    return measures === undefined ? end : { ...end, ...measures };
  }
}

/** Settles a call that could not even be begun, and tells the client. */
export function notSent({ request, ticket, sink, stages = [] }: AdmittedCall, error: AppError): void {
  for (const stage of stages) stage.abandon();
  const latencyMs = performance.now() - request.startedAt;
  const end = sink.gone
    ? ({ status: 499, state: 'client_closed' } as const)
    : ({ status: error.status, state: 'interrupted' } as const);
  ticket.settle({ ...end, source: 'none', ...nothing, latencyMs, firstTokenMs: null }, () => undefined);
  sink.fail(error);
}
