import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { Ticket } from '../usage/admission.js';
import type { CallPlan, InferenceRequest } from './call-plan.js';
import type { Said } from './count-tokens.js';
import { Exchange, mediaType, wrongAnswer } from './exchange.js';
import type { ExchangeTools } from './exchange-tools.js';
import type { ReplySink } from './reply-sink.js';
import { ChatStreamFilter } from './wire/sse-filter.js';
import type { UsageTokens } from './wire/usage-tokens.js';

/** How much of a stream is kept to count its tokens, should the provider not tell them. */
const keptBytes = 512 * 1024;
const done = 'data: [DONE]\n\n';

/**
 * A call that is streamed: events go on as bytes as soon as they are complete, with backpressure to the provider.
 * The head waits for the first event, so that an early failure still has a status of its own. `[DONE]` is ours: it is
 * sent only when the stream was whole, after the booking.
 */
export class StreamExchange extends Exchange {
  private readonly filter: ChatStreamFilter;
  private readonly kept: Buffer[] = [];
  private keptSize = 0;
  private started = false;
  private readonly keepAlive: NodeJS.Timeout | undefined;

  constructor(tools: ExchangeTools, plan: CallPlan, request: InferenceRequest, ticket: Ticket, sink: ReplySink) {
    super(tools, plan, request, ticket, sink);
    this.filter = new ChatStreamFilter({
      publishedName: plan.publishedName,
      usageAsked: plan.usageAsked,
      choices: plan.choices,
      maxEventBytes: tools.maxReplyBytes,
    });
    const sign = keepAliveSign(request.identity.key.keepAlive, plan, request.requestId);
    if (sign !== undefined) this.keepAlive = setInterval(() => this.send(sign), tools.keepAliveMs);
    sink.onDrain(() => this.call.resume());
  }

  onHead(headers: IncomingHttpHeaders): void {
    if (mediaType(headers) !== 'text/event-stream')
      throw wrongAnswer(`the provider answered with the media type "${mediaType(headers)}"`);
  }

  onData(chunk: Buffer): void {
    if (this.over) return;
    const out = this.filter.push(chunk);
    if (this.firstByteAt === null && this.filter.firstEventSeen) this.firstByteAt = performance.now();
    if (out !== null) this.pass(out);
    if (this.filter.stopped) {
      // The connection is worth nothing more than its end, which a provider may hold back.
      if (this.filter.error !== null) this.call.cancel();
      this.conclude();
    }
  }

  onEnd(): void {
    this.conclude();
  }

  /** A stream whose choices had all finished is whole, however its provider then fails. */
  override onError(error: AppError): void {
    if (this.filter.finished && this.filter.error === null) this.conclude();
    else super.onError(error);
  }

  private pass(events: Buffer): void {
    if (this.keptSize < keptBytes) {
      this.kept.push(events);
      this.keptSize += events.length;
    }
    this.keepAlive?.refresh();
    this.send(events);
  }

  private begin(): void {
    if (this.started) return;
    this.started = true;
    this.sink.startStream();
  }

  private send(bytes: Buffer | string): void {
    this.begin();
    if (!this.sink.write(bytes)) this.call.pause();
  }

  private conclude(): void {
    if (this.over) return;
    const { complete, tail, reason } = this.filter.end();
    this.tokens = this.filter.usage;
    if (tail !== null) this.pass(tail);
    if (!complete) {
      this.onError(streamError(reason));
    } else if (this.tokens === null) {
      this.finishCounted('completed', 200);
      this.finishStream();
    } else {
      this.finish('completed', 200, () => this.finishStream());
    }
  }

  private finishStream(): void {
    this.begin();
    this.sink.end(done);
  }

  protected override statusGiven(error: AppError): number {
    return this.started ? 200 : error.status;
  }

  protected override reportedTokens(): UsageTokens | null {
    return this.filter.usage;
  }

  protected override received(): Said {
    return { form: 'events', bytes: this.kept };
  }

  protected override release(): void {
    clearInterval(this.keepAlive);
  }
}

function streamError(reason: string | undefined): AppError {
  if (reason === 'provider_error')
    return new AppError('upstream_error', { message: 'The model provider reported an error in its stream.' });
  if (reason === 'truncated')
    return new AppError('upstream_error', { message: "The model provider's stream ended before it was complete." });
  return wrongAnswer(reason ?? 'the stream is broken');
}

/** What is sent into a silent stream, as the key wants it (wire facts). */
function keepAliveSign(style: 'comment' | 'empty-chunk' | 'off', plan: CallPlan, requestId: string): string | undefined {
  if (style === 'off') return undefined;
  if (style === 'comment') return ': ping\n';
  const chunk = {
    id: `chatcmpl-${requestId.slice(4)}`,
    object: plan.kind.input === 'prompt' ? 'text_completion' : 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: plan.publishedName,
    choices: [],
    ...(plan.usageAsked ? { usage: null } : {}),
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
