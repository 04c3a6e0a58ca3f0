import { openEventStream } from './answers.js';
import type { Commands } from './commands.js';
import type { Exchange } from './exchange.js';
import { jsonText } from './json-text.js';

/**
 * How the events of a stream look: `data:` lines alone; with an `event:` line that repeats the object's `type`; or that and a
 * `sequence_number` which rises from 0.
 */
export type EventForm = 'plain' | 'named' | 'numbered';

/**
 * Writes the events of one stream in the byte form that the prompt asked for: line ends, JSON spacing, pieces.
 * A method that returns a promise wants to be awaited before the next event: the client is slower than the sandbox.
 */
export class SseWriter {
  private readonly lineEnd: string;
  private readonly spaced: boolean;
  private readonly pieceBytes: number | undefined;
  private held = Buffer.alloc(0);
  private sequence = 0;

  constructor(
    private readonly exchange: Exchange,
    commands: Commands,
    private readonly form: EventForm = 'plain',
  ) {
    this.lineEnd = commands.has('crlf') ? '\r\n' : '\n';
    this.spaced = commands.has('spaced');
    this.pieceBytes = commands.number('split');
    openEventStream(exchange);
    // Otherwise the head leaves in one packet with the first event, which here may be held back for long.
    if (this.pieceBytes !== undefined) exchange.response.flushHeaders();
  }

  /** One event with the value as JSON, in the stream's form. */
  event(value: object): Promise<void> | undefined {
    if (this.form === 'plain') return this.data(jsonText(value, this.spaced));
    const name = 'type' in value ? String(value.type) : 'message';
    const sent = this.form === 'numbered' ? { ...value, sequence_number: this.sequence++ } : value;
    return this.bytes(`event: ${name}${this.lineEnd}data: ${jsonText(sent, this.spaced)}${this.lineEnd}${this.lineEnd}`);
  }

  /** One `data:` event with this text. */
  data(text: string): Promise<void> | undefined {
    return this.bytes(`data: ${text}${this.lineEnd}${this.lineEnd}`);
  }

  private bytes(bytes: string): Promise<void> | undefined {
    if (this.pieceBytes !== undefined) return this.inPieces(bytes, this.pieceBytes);
    if (this.exchange.response.write(bytes)) return undefined;
    return this.exchange.drained();
  }

  /** Sends what `split` still holds back and ends the body in order. */
  finish(): void {
    this.release();
    this.exchange.response.end();
  }

  /** Sends what `split` still holds back and breaks the connection. */
  async cut(): Promise<void> {
    this.release();
    await this.exchange.cut();
  }

  private async inPieces(bytes: string, pieceBytes: number): Promise<void> {
    const whole = Buffer.concat([this.held, Buffer.from(bytes)]);
    let at = 0;
    for (; whole.length - at >= pieceBytes && !this.exchange.gone; at += pieceBytes) {
      if (!this.exchange.response.write(whole.subarray(at, at + pieceBytes))) await this.exchange.drained();
      // Without a turn of the event loop Node joins the writes of one tick into one packet.
      await this.exchange.turn();
    }
    this.held = whole.subarray(at);
  }

  private release(): void {
    if (this.held.length > 0) this.exchange.response.write(this.held);
    this.held = Buffer.alloc(0);
  }
}
