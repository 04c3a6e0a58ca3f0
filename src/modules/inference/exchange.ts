import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { CallEnd } from '../../platform/journal/call-record.js';
import type { Ticket } from '../usage/admission.js';
import type { CallPlan, InferenceRequest } from './call-plan.js';
import { countUsage, type Said } from './count-tokens.js';
import type { ExchangeTools } from './exchange-tools.js';
import { ProviderCall, type CallObserver } from './provider-call.js';
import type { ReplySink } from './reply-sink.js';
import type { UsageTokens } from './wire/usage-tokens.js';

const nothing: UsageTokens = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0, totalTokens: 0 };

/**
 * One admitted call from its sending to its booking. However it ends, by the provider's end, its failure, the client's
 * leaving or the key's revocation, it is settled once; the last bytes of a good answer follow the settling.
 */
export abstract class Exchange implements CallObserver {
  protected readonly call: ProviderCall;
  protected over = false;
  protected firstByteAt: number | null = null;
  protected tokens: UsageTokens | null = null;
  /** Called once when the exchange is over. */
  whenOver: () => void = () => undefined;

  constructor(
    protected readonly tools: ExchangeTools,
    protected readonly plan: CallPlan,
    protected readonly request: InferenceRequest,
    protected readonly ticket: Ticket,
    protected readonly sink: ReplySink,
  ) {
    this.call = new ProviderCall(tools.client, plan, request.requestId, this);
  }

  start(): void {
    this.sink.onGone(() => this.clientGone());
    if (this.sink.gone) this.clientGone();
    else this.call.start();
  }

  /** Ends the call from outside: the key was revoked. The client gets the error. */
  abort(error: AppError): void {
    if (this.over) return;
    this.call.cancel();
    this.finishCounted('interrupted', this.statusGiven(error));
    this.sink.fail(error);
  }

  abstract onHead(headers: IncomingHttpHeaders): void;
  abstract onData(chunk: Buffer): void;
  abstract onEnd(): void;

  onError(error: AppError): void {
    if (this.over) return;
    this.tools.report(error, this.request.requestId);
    this.finishCounted('upstream_failed', this.statusGiven(error));
    this.sink.fail(error);
  }

  /** The status that the client was given, or is given now for this error. */
  protected abstract statusGiven(error: AppError): number;

  /** What the provider has told of its tokens so far. */
  protected abstract reportedTokens(): UsageTokens | null;

  /** What was received so far, for counting where the provider told nothing. */
  protected abstract received(): Said;

  /** Told once when the exchange is over, to let go of timers. */
  protected abstract release(): void;

  /** Settles with the provider's own figures; `settled` runs when that is safe from a crash. */
  protected finish(state: CallEnd['state'], status: number, settled: () => void): void {
    if (this.over) return;
    this.close();
    if (state === 'completed' && this.call.sent) this.request.releaseBody?.();
    this.ticket.settle(this.result(state, status, this.tokens === null ? 'none' : 'upstream', this.tokens ?? nothing), settled);
  }

  /** Settles with the provider's figures or else with counted ones. Nobody waits for the counting. */
  protected finishCounted(state: CallEnd['state'], status: number): void {
    this.tokens ??= this.reportedTokens();
    if (this.tokens !== null || (this.firstByteAt === null && state !== 'completed')) {
      this.finish(state, status, () => undefined);
      return;
    }
    if (this.over) return;
    this.close();
    const settle = (source: CallEnd['source'], tokens: UsageTokens): void =>
      this.ticket.settle(this.result(state, status, source, tokens), () => undefined);
    countUsage(this.request.identity.key.tenantId, this.plan.body, this.received()).then(
      (tokens) => settle('counted', tokens),
      () => settle('none', nothing),
    );
  }

  private close(): void {
    this.over = true;
    this.release();
    this.whenOver();
  }

  private clientGone(): void {
    if (this.over) return;
    this.call.cancel();
    this.finishCounted('client_closed', 499);
  }

  private result(state: CallEnd['state'], status: number, source: CallEnd['source'], tokens: UsageTokens): CallEnd {
    const { startedAt } = this.request;
    const end: CallEnd = {
      status,
      state,
      source,
      inputTokens: tokens.inputTokens,
      cachedInputTokens: tokens.cachedInputTokens,
      outputTokens: tokens.outputTokens,
      reasoningTokens: tokens.reasoningTokens,
      totalTokens: tokens.totalTokens,
      latencyMs: performance.now() - startedAt,
      firstTokenMs: this.plan.stream && this.firstByteAt !== null ? this.firstByteAt - startedAt : null,
    };
    this.tools.count(this.plan.kind.routeId, end);
    return end;
  }
}

/** The media type of a head, without its parameters. */
export function mediaType(headers: IncomingHttpHeaders): string {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** A 200 that is not what was asked for. */
export function wrongAnswer(what: string): AppError {
  return new AppError('upstream_error', { message: 'The model provider answered with something unreadable.', cause: what });
}
