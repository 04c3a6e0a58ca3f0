import type { IncomingHttpHeaders } from 'node:http';
import { AppError, asAppError, overloaded } from '../../../kernel/app-error.js';
import { brokenOff, wronglyAnswered } from '../../connections/circuit/call-outcome.js';
import { reservationSpent } from '../../spending/budget-error.js';
import { AnswerPart } from '../call/answer-part.js';
import type { AnswerStream, AnswerStreamEnd, StreamedAnswer, WholeReply } from '../call/answer.js';
import { StageChain } from '../call/stage.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import type { Said } from '../counting/count-usage.js';
import type { UsageTokens } from '../wire/usage-tokens.js';
import { formByType, formOf, mediaType } from './answer-form.js';
import { Exchange, type AdmittedCall } from './exchange.js';
import type { ExchangeTools } from './exchange-tools.js';
import { EventMemory } from './event-memory.js';
import { HeldReply } from './held-reply.js';
import { KeptBytes } from './kept-bytes.js';

const streamType = 'text/event-stream; charset=utf-8';

/** Events that say something else than a part of the answer, at most: how it begins, what it took, and the like. */
const otherEvents = 32;

/**
 * A call that is streamed: events go on as bytes as soon as they are complete, with backpressure to the provider; where
 * stages stand between, one by one through them. The head waits for the first event, so that an early failure still has a
 * status of its own. The end is ours: it is sent only when the stream was whole, after the booking. A provider that answers
 * in one piece is read as if it had streamed.
 */
export class StreamExchange extends Exchange {
  private readonly answer: StreamedAnswer;
  private readonly stream: AnswerStream;
  private readonly chain: StageChain | undefined;
  private readonly kept = new KeptBytes();
  private started = false;
  /** What goes out with the end, once that has come. */
  private last: Buffer[] | undefined;
  /** Of an answer in one piece, or of one whose form is not known yet. */
  private held: HeldReply | undefined;
  private isUnknown = false;
  /** The answer that came in one piece; its events may say more than its provider told. */
  private judged: WholeReply | undefined;
  private readonly memory: EventMemory;
  private awaitsDrain = false;
  /** A budget has reserved no tokens for an answer of more events. */
  private readonly mostEvents: number;
  private readonly keepAlive: NodeJS.Timeout | undefined;

  constructor(tools: ExchangeTools, admitted: AdmittedCall, answer: StreamedAnswer) {
    super(tools, admitted);
    this.answer = answer;
    const { stages, request, sink, ticket } = admitted;
    this.mostEvents = ticket.outputBound === undefined ? Infinity : ticket.outputBound + otherEvents;
    this.memory = new EventMemory(tools.replies, request.identity.key.tenantId);
    const limits = { maxEventBytes: tools.maxReplyBytes, room: this.memory };
    if (stages === undefined) {
      this.chain = undefined;
      this.stream = answer.stream(limits);
    } else {
      const chain = new StageChain(stages, (part) => {
        if (this.last === undefined) this.send(part.bytes);
        else this.last.push(part.bytes);
      });
      this.chain = chain;
      this.stream = answer.stream(limits, (event) => {
        this.kept.add(event);
        this.keepAlive?.refresh();
        chain.event(new AnswerPart(event));
      });
    }
    const sign = this.silenceSign(request.identity.key.keepAlive);
    if (sign !== undefined) this.keepAlive = setInterval(() => this.send(sign), tools.keepAliveMs);
    sink.onDrain(() => {
      this.awaitsDrain = false;
      this.memory.left();
      this.call.resume();
    });
  }

  protected onHead(headers: IncomingHttpHeaders): void {
    const form = formByType(mediaType(headers));
    if (form === 'events') return;
    this.isUnknown = form === 'unknown';
    this.held = new HeldReply(this.tools.replies, this.request.identity.key.tenantId);
  }

  onData(chunk: Buffer): void {
    if (this.over) return;
    if (this.held !== undefined) this.gather(this.held, chunk);
    else this.take(chunk);
  }

  onEnd(): void {
    if (this.over) return;
    const { held } = this;
    if (held === undefined) {
      this.conclude();
      return;
    }
    this.held = undefined;
    try {
      const reply = this.answer.reply(held.take());
      this.judged = reply;
      this.tokens = reply.tokens;
      this.measures = reply.measures;
      this.whole(reply, (bytes) => this.takeWhole(this.answer.eventsOf(bytes)));
    } catch (error) {
      this.onError(asAppError(error));
    }
    held.giveBack();
  }

  /** Takes an answer in one piece, as events. */
  private takeWhole(events: Buffer): void {
    this.take(events);
    if (!this.over) this.conclude();
  }

  /** A stream whose choices had all finished is whole, however its provider then fails. */
  override onError(error: AppError): void {
    if (this.stream.finished && !this.stream.failed) {
      this.call.finished();
      this.call.cancel();
      this.conclude();
    } else super.onError(error);
  }

  /** Keeps what is an answer in one piece, or not known yet; what turns out to be events goes on as such. */
  private gather(held: HeldReply, chunk: Buffer): void {
    this.firstByteAt ??= performance.now();
    if (!held.add(chunk) || held.size > this.tools.maxReplyBytes) {
      super.onError(
        held.size > this.tools.maxReplyBytes ? wrongAnswer('the provider answered with too many bytes') : overloaded(),
      );
      return;
    }
    if (!this.isUnknown) return;
    const form = formOf(held.take());
    if (form === undefined) return;
    this.isUnknown = false;
    if (form === 'json') return;
    this.held = undefined;
    const bytes = held.take();
    held.giveBack();
    if (form === 'events') this.take(bytes);
    else super.onError(wrongAnswer('the provider answered with something that is no stream'));
  }

  private take(chunk: Buffer): void {
    try {
      const out = this.stream.push(chunk);
      if (this.judged === undefined) this.measures = this.stream.measures;
      if (this.firstByteAt === null && this.stream.firstEventSeen) this.firstByteAt = performance.now();
      if (out !== null) {
        this.kept.add(out);
        this.keepAlive?.refresh();
        this.send(out);
      }
      if (!this.awaitsDrain) this.memory.left();
      if (this.stream.events > this.mostEvents && !this.stream.finished) throw reservationSpent();
    } catch (error) {
      this.refuse(asAppError(error));
      return;
    }
    if (this.stream.stopped && !this.over) {
      // The connection is worth nothing more than its end, which a provider may hold back.
      if (this.stream.failed) this.call.cancel(wronglyAnswered);
      this.conclude();
    }
  }

  private begin(): void {
    if (this.started) return;
    this.started = true;
    this.sink.head(200, streamType);
  }

  private send(bytes: Buffer | string): void {
    this.begin();
    if (this.sink.write(bytes)) return;
    this.awaitsDrain = true;
    if (!this.over) this.call.pause();
  }

  private conclude(): void {
    if (this.over) return;
    let end: AnswerStreamEnd;
    try {
      end = this.stream.end();
    } catch (error) {
      this.refuse(asAppError(error));
      return;
    }
    const { complete, tail, reason } = end;
    this.tokens = this.reportedTokens();
    if (this.judged === undefined) this.measures = this.stream.measures;
    if (tail !== null) {
      this.kept.add(tail);
      this.send(tail);
    }
    if (!complete) {
      if (reason === 'truncated') this.call.cancel(brokenOff);
      super.onError(reason === 'no_room' ? overloaded() : streamError(reason));
    } else this.finishCounted('completed', 200, (counted) => this.finishStream(counted));
  }

  /** @param counted what the provider has not told of its tokens: a client that asked for the usage is told it. */
  private finishStream(counted: UsageTokens | undefined): void {
    this.begin();
    const event = counted === undefined ? undefined : this.answer.usageEvent(this.request.requestId, counted);
    if (event !== undefined) {
      if (this.chain === undefined) this.send(event);
      else this.chain.event(new AnswerPart(event));
    }
    if (this.chain === undefined) this.sink.end(this.answer.done);
    else this.sealStream(this.chain).catch((error: unknown) => this.fail(asAppError(error)));
  }

  /** What the client still gets is known before anything of the answer is kept, and goes out when it is. */
  private async sealStream(chain: StageChain): Promise<void> {
    this.last = [];
    chain.end();
    const last = Buffer.concat([...this.last, Buffer.from(this.answer.done)]);
    await chain.seal(this.sink.recording(last));
    this.sink.end(last);
  }

  /** A stage ends the answer. */
  private refuse(error: AppError): void {
    if (this.over) return;
    this.call.cancel();
    this.finishCounted('interrupted', this.statusGiven(error));
    this.fail(error);
  }

  /** What is sent into a silent stream, as the key wants it. */
  private silenceSign(style: 'comment' | 'empty-chunk' | 'off'): string | undefined {
    if (style === 'off') return undefined;
    return style === 'comment' ? ': ping\n' : this.answer.emptyEvent(this.request.requestId);
  }

  protected override statusGiven(error: AppError): number {
    return this.started ? 200 : error.status;
  }

  protected override reportedTokens(): UsageTokens | null {
    return this.judged === undefined ? this.stream.usage : this.judged.tokens;
  }

  protected override received(): Said {
    return this.held === undefined ? { form: 'events', bytes: this.kept.pieces } : { form: 'json', bytes: [this.held.take()] };
  }

  protected override release(): void {
    clearInterval(this.keepAlive);
    this.memory.closeAfter(this.sink);
  }

  protected override drop(): void {
    this.held?.giveBack();
  }
}

function streamError(reason: AnswerStreamEnd['reason']): AppError {
  if (reason === 'provider_error')
    return new AppError('upstream_error', { message: 'The model provider reported an error in its stream.' });
  if (reason === 'truncated')
    return new AppError('upstream_error', { message: "The model provider's stream ended before it was complete." });
  return wrongAnswer(reason ?? 'the stream is broken');
}
