import type { IncomingHttpHeaders } from 'node:http';
import { asAppError, type AppError } from '../../../kernel/app-error.js';
import { judgedBytes, type BytesAnswer } from '../call/answer.js';
import { Exchange, type AdmittedCall } from './exchange.js';
import type { ExchangeTools } from './exchange-tools.js';

/**
 * A call whose answer is no JSON: its type and its beginning are judged, then its bytes pass as they come, at the client's
 * pace. Nothing is held but the beginning. What fails later breaks the connection, so that a part does not look whole.
 */
export class BytesExchange extends Exchange {
  private type = '';
  /** The beginning, while there is too little of it to be judged. */
  private beginning: Buffer[] = [];
  private beginningBytes = 0;
  private started = false;

  constructor(
    tools: ExchangeTools,
    admitted: AdmittedCall,
    private readonly planned: BytesAnswer,
  ) {
    super(tools, admitted);
    admitted.sink.onDrain(() => this.call.resume());
  }

  onHead(headers: IncomingHttpHeaders): void {
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
    this.measures = this.planned.measures;
    this.sink.head(200, this.type);
    return true;
  }

  private sendBeginning(): void {
    const bytes = Buffer.concat(this.beginning);
    this.beginning = [];
    this.send(bytes);
  }

  private send(bytes: Buffer): void {
    if (!this.sink.write(bytes)) this.call.pause();
  }

  protected override statusGiven(error: AppError): number {
    return this.started ? 200 : error.status;
  }

  protected override drop(): void {
    this.beginning = [];
  }
}
