import type { IncomingHttpHeaders } from 'node:http';
import { asAppError, type AppError } from '../../../kernel/app-error.js';
import type { CallMeasures } from '../../../platform/journal/call-record.js';
import { judgedBytes, type BytesAnswer } from '../call/answer.js';
import type { Said } from '../counting/count-usage.js';
import { Exchange, type AdmittedCall } from './exchange.js';
import type { ExchangeTools } from './exchange-tools.js';
import { KeptBytes } from './kept-bytes.js';

/**
 * A call whose answer is no JSON: its type and its beginning are judged, then its bytes pass as they come, at the client's
 * pace. Nothing is held but the beginning, and of a text what is counted. What fails later breaks the connection, so that a
 * part does not look whole.
 */
export class BytesExchange extends Exchange {
  private type = '';
  /** The beginning, while there is too little of it to be judged. */
  private beginning: Buffer[] = [];
  private beginningBytes = 0;
  private started = false;
  private readonly kept = new KeptBytes();

  constructor(
    tools: ExchangeTools,
    admitted: AdmittedCall,
    private readonly planned: BytesAnswer,
  ) {
    super(tools, admitted);
    admitted.sink.onDrain(() => this.call.resume());
  }

  protected onHead(headers: IncomingHttpHeaders): void {
    this.type = this.planned.mediaType(headers['content-type'] ?? '');
  }

  onData(chunk: Buffer): void {
    if (this.over) return;
    this.firstByteAt ??= performance.now();
    if (this.started) {
      this.send(chunk);
      return;
    }
    this.beginning.push(chunk);
    this.beginningBytes += chunk.length;
    if (this.beginningBytes >= judgedBytes && this.begin()) this.sendBeginning();
  }

  onEnd(): void {
    if (this.over || (!this.started && !this.begin())) return;
    const last = this.beginning.length === 0 ? undefined : Buffer.concat(this.beginning);
    if (last !== undefined) this.hear(last);
    this.finishCounted('completed', 200, () => this.sink.end(last));
  }

  /** Judges the beginning; false when the call has failed by it. */
  private begin(): boolean {
    try {
      this.planned.judge(Buffer.concat(this.beginning));
    } catch (error) {
      this.onError(asAppError(error));
      return false;
    }
    this.started = true;
    this.sink.head(200, this.type);
    return true;
  }

  private sendBeginning(): void {
    const bytes = Buffer.concat(this.beginning);
    this.beginning = [];
    this.send(bytes);
  }

  private send(bytes: Buffer): void {
    this.hear(bytes);
    if (!this.sink.write(bytes)) this.call.pause();
  }

  private hear(bytes: Buffer): void {
    this.planned.take?.(bytes);
    if (this.planned.isText === true) this.kept.add(bytes);
  }

  protected override measured(): CallMeasures | undefined {
    return this.started ? this.planned.measures : undefined;
  }

  protected override received(): Said {
    return { form: 'text', bytes: this.kept.pieces };
  }

  protected override statusGiven(error: AppError): number {
    return this.started ? 200 : error.status;
  }

  protected override drop(): void {
    this.beginning = [];
  }
}
