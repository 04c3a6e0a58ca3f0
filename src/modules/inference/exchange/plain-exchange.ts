import type { IncomingHttpHeaders } from 'node:http';
import { AppError, overloaded } from '../../../kernel/app-error.js';
import { AnswerPart } from '../call/answer-part.js';
import type { Answer, ReplyFlow } from '../call/answer.js';
import { StageChain } from '../call/stage.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import type { Said } from '../counting/count-usage.js';
import { mediaType } from './answer-form.js';
import { Exchange, type AdmittedCall } from './exchange.js';
import type { ExchangeTools } from './exchange-tools.js';
import { HeldReply } from './held-reply.js';
import { PacedChunks } from './paced-chunks.js';

/** Up to here a reply is gathered and judged whole. */
const wholeBytes = 1024 * 1024;
const jsonType = 'application/json; charset=utf-8';

/**
 * A call with one JSON answer: gathered, judged, the model's name replaced, booked, then sent in one write. One that is
 * longer than a mebibyte flows to the client as it comes, at the client's pace, once what was asked for has begun; an error
 * that is found later breaks the connection. With stages every reply is gathered.
 */
export class PlainExchange extends Exchange {
  private readonly held: HeldReply;
  private bytes = 0;
  private flow: PacedChunks | undefined;
  private awaitsDrain = false;
  private started = false;
  /** The reply is gathered, however long it is. */
  private isGathered: boolean;

  constructor(
    tools: ExchangeTools,
    admitted: AdmittedCall,
    private readonly planned: Answer,
  ) {
    super(tools, admitted);
    this.isGathered = admitted.stages !== undefined;
    this.held = new HeldReply(tools.replies, admitted.request.identity.key.tenantId);
  }

  protected onHead(headers: IncomingHttpHeaders): void {
    const type = mediaType(headers);
    const isAsked = type === 'text/event-stream' && this.planned.inEvents === true;
    if (!isAsked && type !== 'application/json' && type !== 'text/plain' && type !== '' && !type.endsWith('+json'))
      throw wrongAnswer(`the provider answered with the media type "${type}"`);
    if (Number(headers['content-length'] ?? 0) > this.tools.maxReplyBytes)
      throw wrongAnswer('the provider answered with too many bytes');
  }

  onData(chunk: Buffer): void {
    if (this.over) return;
    this.firstByteAt ??= performance.now();
    this.bytes += chunk.length;
    if (this.bytes > this.tools.maxReplyBytes) {
      this.onError(wrongAnswer('the provider answered with too many bytes'));
      return;
    }
    if (this.flow !== undefined) this.flow.add(chunk);
    else if (!this.held.add(chunk)) this.onError(overloaded());
    else if (this.bytes > wholeBytes && !this.isGathered) this.startFlow();
  }

  onEnd(): void {
    if (this.over) return;
    if (this.flow !== undefined) this.flow.end();
    else this.judged(() => this.answer(this.held.take()));
  }

  private judged(work: () => void): void {
    try {
      work();
    } catch (error) {
      // The provider has answered well: the answer is refused by the platform.
      if (error instanceof AppError && error.code === 'content_policy') this.abort(error);
      else this.onError(error instanceof AppError ? error : wrongAnswer(`the provider's reply is broken: ${String(error)}`));
    }
  }

  private answer(received: Buffer): void {
    const reply = this.planned.reply(received);
    this.tokens = reply.tokens;
    this.measures = reply.measures;
    this.whole(reply, (bytes) => this.finishCounted('completed', 200, () => this.give(bytes)));
  }

  private give(bytes: Buffer): void {
    if (this.stages === undefined) {
      this.send(bytes);
      return;
    }
    const chain = new StageChain(this.stages, () => undefined);
    const sealed = async (): Promise<Buffer> => {
      const last = (await chain.reply(new AnswerPart(bytes))).bytes;
      this.sink.head(200, jsonType);
      await chain.seal(this.sink.recording(last));
      return last;
    };
    sealed()
      .then((last) => this.send(last))
      .catch((error: unknown) => this.fail(error instanceof AppError ? error : new AppError('internal_error', { cause: error })));
  }

  private send(bytes: Buffer): void {
    this.sink.head(200, jsonType);
    this.sink.end(bytes);
    this.held.giveBackAfter(this.sink);
  }

  /**
   * What was gathered goes through the flow in steps, and out when what was asked for has begun. It counts until the client
   * has taken it.
   */
  private startFlow(): void {
    const flow = this.planned.flow();
    if (flow === undefined) {
      this.isGathered = true;
      return;
    }
    const paced = new PacedChunks({
      onChunk: (chunk) => this.judged(() => this.pass(flow, chunk)),
      onLast: () => {
        if (!this.over) this.judged(() => this.endFlow(flow));
      },
      pauseSource: () => this.call.pause(),
      resumeSource: () => {
        if (!this.awaitsDrain) this.call.resume();
      },
    });
    this.flow = paced;
    this.sink.onDrain(() => {
      this.awaitsDrain = false;
      // What was gathered before the flow has left with the rest.
      if (paced.isBusy) return;
      this.held.giveBack();
      this.call.resume();
    });
    for (const chunk of this.held.chunks()) paced.add(chunk);
  }

  private pass(flow: ReplyFlow, chunk: Buffer): void {
    if (this.over) return;
    const bytes = flow.push(chunk);
    if (bytes.length === 0) return;
    if (!flow.begun && !this.started) {
      if (!this.held.add(bytes)) this.onError(overloaded());
      return;
    }
    if (!this.started) {
      this.started = true;
      this.sink.head(200, jsonType);
      for (const early of this.held.chunks()) this.sink.write(early);
    }
    if (this.sink.write(bytes)) return;
    this.awaitsDrain = true;
    this.call.pause();
  }

  private endFlow(flow: ReplyFlow): void {
    this.tokens = flow.end();
    this.measures = flow.measures;
    this.finishCounted('completed', 200, () => this.sink.end());
    this.held.giveBackAfter(this.sink);
  }

  protected override statusGiven(error: AppError): number {
    return this.started ? 200 : error.status;
  }

  protected override received(): Said {
    return { form: this.planned.inEvents === true ? 'events' : 'json', bytes: [this.held.take()] };
  }

  protected override drop(): void {
    this.held.giveBack();
  }
}
