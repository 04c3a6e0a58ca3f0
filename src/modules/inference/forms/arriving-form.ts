import { createHash, type Hash } from 'node:crypto';
import { AppError, asAppError } from '../../../kernel/app-error.js';
import { dropBytes } from '../../../kernel/drop-bytes.js';
import type { StreamedBody } from '../../../platform/upstream/upstream-call.js';
import type { FormEdits, FormField, PlacedField, RequestForm } from '../call/request-form.js';
import { FieldTexts } from './field-texts.js';
import { formType } from './form-boundary.js';
import type { FormLog } from './form-log.js';
import { FormScanner, type FormSink } from './form-scanner.js';
import type { PartHeadReader } from './part-head.js';
import { SentChunks } from './sent-chunks.js';
import { WaveLength } from './wave-length.js';

/** Where the bytes of a form come from, one chunk at a time. */
export interface FormSource {
  /** The next bytes; undefined when the body has ended. @throws AppError when the rest does not come. */
  next(): Promise<Buffer | undefined>;
}

export interface ArrivingFormOptions {
  readonly boundary: string;
  readonly source: FormSource;
  readonly log: FormLog;
  readonly readHead: PartHeadReader;
  /** The form names its model by a part. */
  readonly namesModel: boolean;
  /** Each part's content is hashed. */
  readonly isHashed: boolean;
}

/** A part with its place in what has come. */
export interface ArrivedPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly start: number;
  /** Where its content begins, as long as all of the form is kept. */
  content: number;
  end: number | undefined;
  /** Of a short field, once it is whole. */
  text: string | undefined;
  readonly hash: Hash | undefined;
}

const maxParts = 256;
const lineEnd = Buffer.from('\r\n');

/**
 * A form on its way from its client to the provider. What comes before it can be sent is kept in a log; from then on each
 * chunk is taken from the client when the provider has taken the one before, and nothing else of it is held.
 */
export class ArrivingForm implements RequestForm, FormSink {
  readonly contentType: string;
  readonly names = new Set<string>();
  readonly files = new Set<string>();
  isWhole = false;
  private readonly parts: ArrivedPart[] = [];
  private readonly scanner: FormScanner;
  /** Set once the form is being sent: what becomes of its parts, and what of them is ready. */
  private flow: { readonly edits: FormEdits; readonly ready: Buffer[]; passes: boolean } | undefined;
  private readonly texts = new FieldTexts();
  /** Of the first file, and whether it is the part that comes now. */
  private readonly wave = new WaveLength();
  private isWave = false;
  private broken: AppError | undefined;
  private onBreak: ((error: AppError) => void)[] = [];

  constructor(private readonly options: ArrivingFormOptions) {
    this.contentType = formType(options.boundary);
    this.scanner = new FormScanner(options.boundary, this);
  }

  get audioSeconds(): number | undefined {
    return this.wave.seconds;
  }

  /** All parts, for an idempotent request. */
  get arrived(): readonly ArrivedPart[] {
    return this.parts;
  }

  /**
   * Waits until the form can be sent as far as it can tell: its model is named, and a file comes or nothing any more. So what
   * stands before the file is known.
   */
  async opened(): Promise<void> {
    while (!this.isWhole && !this.isOpen()) await this.takeOne();
  }

  async whole(): Promise<void> {
    while (!this.isWhole) await this.takeOne();
  }

  textOf(name: string): string | undefined {
    return this.parts.find((part) => part.name === name && part.text !== undefined)?.text;
  }

  async *fields(mostBytes: number): AsyncIterable<PlacedField> {
    for (const [place, { name, filename, content, end }] of this.parts.entries()) {
      if (filename !== undefined || end === undefined) continue;
      const length = end - lineEnd.length - content;
      if (length > mostBytes) yield { name, place, text: undefined };
      else {
        const pieces: Buffer[] = [];
        for await (const piece of this.options.log.read(content, content + length)) pieces.push(Buffer.from(piece));
        yield { name, place, text: Buffer.concat(pieces).toString('utf8') };
      }
    }
  }

  onBroken(listener: (error: AppError) => void): void {
    if (this.broken === undefined) this.onBreak.push(listener);
    else listener(this.broken);
  }

  body(edits: FormEdits): StreamedBody {
    let chunks = new SentChunks();
    const isAllKept = (): boolean => this.flow === undefined;
    return {
      get isRepeatable() {
        return isAllKept();
      },
      sent: (bytes) => chunks.sent(bytes),
      [Symbol.asyncIterator]: () => {
        chunks = new SentChunks();
        return this.send(edits, chunks);
      },
    };
  }

  /** The request is over: nothing of the form stays. Never rejects. */
  async close(): Promise<void> {
    this.onBreak = [];
    await this.options.log.close();
  }

  // What the scanner finds.

  part(head: Buffer): void {
    const { name, filename } = this.options.readHead(head);
    if (this.parts.length === maxParts)
      throw new AppError('invalid_request', { message: `The form has more than the ${maxParts} parts that are allowed.` });
    const { flow } = this;
    const hash = this.options.isHashed ? createHash('sha256') : undefined;
    const start = this.options.log.length;
    const place = this.parts.length;
    const part: ArrivedPart = { name, filename, start, content: start, end: undefined, text: undefined, hash };
    this.parts.push(part);
    this.names.add(name);
    this.isWave = filename !== undefined && this.files.size === 0;
    if (filename === undefined) this.texts.begin();
    else this.files.add(name);
    const decision = flow?.edits.of(name, place);
    if (flow !== undefined) flow.passes = decision === undefined;
    this.pass(Buffer.concat([this.delimiter(), head]));
    part.content = this.options.log.length;
    if (typeof decision === 'string') flow?.ready.push(this.field([name, decision]));
  }

  content(bytes: Buffer): void {
    this.pass(bytes);
    this.parts.at(-1)?.hash?.update(bytes);
    this.texts.add(bytes);
    if (this.isWave) this.wave.add(bytes);
  }

  partEnd(): void {
    this.pass(lineEnd);
    const part = this.parts.at(-1);
    if (part === undefined) return;
    part.end = this.options.log.length;
    this.isWave = false;
    const read = this.texts.end();
    if (read === undefined) return;
    if (read.text === undefined && part.name === 'model')
      throw new AppError('invalid_request', { param: 'model', message: 'The form names no model that can be read.' });
    part.text = read.text;
  }

  formEnd(): void {
    this.isWhole = true;
  }

  private isOpen(): boolean {
    const isNamed = !this.options.namesModel || this.textOf('model') !== undefined;
    return isNamed && this.parts.at(-1)?.filename !== undefined && this.parts.at(-1)?.end === undefined;
  }

  private pass(bytes: Buffer): void {
    const { flow } = this;
    if (flow === undefined) this.options.log.append(bytes);
    else if (flow.passes) flow.ready.push(bytes);
  }

  /** Takes the next chunk into the log. @throws AppError */
  private async takeOne(): Promise<void> {
    const bytes = await this.scanOne();
    await this.options.log.settle();
    if (bytes !== undefined) dropBytes(bytes);
  }

  /** Takes the next chunk apart. @returns the buffer that holds it; undefined at the end. @throws AppError */
  private async scanOne(): Promise<Buffer | undefined> {
    const chunk = await this.options.source.next();
    if (chunk === undefined) {
      this.scanner.end();
      return undefined;
    }
    const bytes = this.scanner.push(chunk);
    if (bytes !== chunk) dropBytes(chunk);
    return bytes;
  }

  private async *send(edits: FormEdits, chunks: SentChunks): AsyncGenerator<Buffer> {
    try {
      let sent = 0;
      for await (const bytes of this.logged(edits)) {
        sent += bytes.length;
        chunks.add(bytes, sent);
        yield bytes;
      }
      if (!this.isWhole) {
        const passes = edits.of(this.parts.at(-1)?.name ?? '', this.parts.length - 1) === undefined;
        const flow = { edits, ready: [] as Buffer[], passes };
        this.flow = flow;
        while (!this.isWhole) {
          const bytes = await this.scanOne();
          const ready = flow.ready.splice(0);
          for (const piece of ready) sent += piece.length;
          if (bytes !== undefined) chunks.add(bytes, sent);
          yield* ready;
        }
      }
      const added = edits.added(this.names).map((field) => this.field(field));
      yield Buffer.concat([...added, Buffer.from(`--${this.options.boundary}--\r\n`)]);
    } catch (error) {
      this.fail(asAppError(error));
      throw error;
    }
  }

  /** What the log holds, with the edits. The last part may still be open. */
  private async *logged(edits: FormEdits): AsyncGenerator<Buffer> {
    const { log } = this.options;
    for (const [place, part] of [...this.parts].entries()) {
      const decision = edits.of(part.name, place);
      if (typeof decision === 'string') yield this.field([part.name, decision]);
      else if (decision === undefined) yield* log.read(part.start, part.end ?? log.length);
    }
  }

  private delimiter(): Buffer {
    return Buffer.from(`--${this.options.boundary}\r\n`);
  }

  private field([name, text]: FormField): Buffer {
    if (text.includes(`--${this.options.boundary}`))
      throw new AppError('invalid_request', { message: 'The multipart body has a boundary that may stand in its parts.' });
    const quoted = name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
    return Buffer.from(`--${this.options.boundary}\r\nContent-Disposition: form-data; name="${quoted}"\r\n\r\n${text}\r\n`);
  }

  private fail(error: AppError): void {
    if (this.broken !== undefined) return;
    this.broken = error;
    const listeners = this.onBreak;
    this.onBreak = [];
    for (const listener of listeners) listener(error);
  }
}
