import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import type multer from 'multer';
import { AppError, asAppError } from '../../kernel/app-error.js';
import { usualPatience, type BodyPace } from '../body/slow-bodies.js';
import { ChunkMemory } from './chunk-memory.js';
import { MulterRequest } from './multer-request.js';
import { toUploadError } from './multipart-errors.js';
import { fileTooLarge, maxBodyBytes, refuseUploadByHeaders, type MultipartLimits } from './multipart-headers.js';
import { drainPolitely, type DrainLimits } from './polite-drain.js';
import { UploadEngine, type ReceivedFile, type UploadEngineOptions } from './upload-engine.js';
import type { UploadWriter } from './upload-writer.js';

const maxFieldNameBytes = 200;
const usualStallMs = 60_000;

type HandlerInput = Parameters<ReturnType<multer.Multer['single']>>;

/** A form's fields: text, or lists and objects of it where names are written `a[]` and `a[b]`. */
export type FormFields = Readonly<Record<string, unknown>>;

export interface MultipartOptions<W extends UploadWriter> extends MultipartLimits, UploadEngineOptions<W> {
  /** Name of the field that holds the file. */
  readonly fileField: string;
  /** Longest silence of a client within its upload, in milliseconds. Default 60,000. */
  readonly stallMs?: number;
  /** An upload that drips is given up: so many bytes must come in each span. Default: as for every body. */
  readonly pace?: BodyPace;
  /** Gives the upload up; the reason is the error to answer with. */
  readonly signal?: AbortSignal;
  /** For what a refused client still sends. */
  readonly drain?: DrainLimits;
}

export interface ReceivedUpload<W extends UploadWriter> {
  readonly fields: FormFields;
  readonly file: ReceivedFile<W>;
}

/**
 * Reads a form with exactly one file from a request whose body is unread, the file going to the storage as it comes:
 * memory does not depend on its size. Refuses as soon as there is a reason to, without the rest of the body, and then
 * leaves nothing in the storage; the same when the client breaks off.
 *
 * When it returns, the file's writer holds the whole content and the caller must commit or abort it.
 * @throws AppError 413, 415, 400, 408, or what `begin`, `onFirstBytes` and the storage throw.
 */
export async function readMultipart<W extends UploadWriter>(
  raw: IncomingMessage,
  options: MultipartOptions<W>,
): Promise<ReceivedUpload<W>> {
  const memory = new ChunkMemory();
  const engine = new UploadEngine(options, memory);
  try {
    const refusal = refuseUploadByHeaders(raw.headers, options);
    if (refusal !== undefined) throw refusal;
    const fields = await readForm(raw, engine, memory, options);
    if (engine.received === undefined) throw noFile(options.fileField);
    return { fields, file: engine.received };
  } catch (error) {
    drainPolitely(raw, options.drain);
    await engine.discard();
    throw await toUploadError(error, options, options.fileField);
  }
}

/** Runs multer, which is loaded with the first form; settles when the form has ended, or at the first reason to refuse it. */
async function readForm<W extends UploadWriter>(
  raw: IncomingMessage,
  engine: UploadEngine<W>,
  memory: ChunkMemory,
  options: MultipartOptions<W>,
): Promise<FormFields> {
  const { default: parserOf } = await import('multer');
  const request = new MulterRequest(raw);
  let feed: Feed | undefined;
  const upload = parserOf({
    storage: engine,
    defParamCharset: 'utf8',
    preservePath: true,
    limits: {
      fileSize: options.maxFileBytes,
      fields: options.maxFields,
      fieldSize: options.maxFieldBytes,
      fieldNameSize: maxFieldNameBytes,
      fieldNestingDepth: 1,
      fieldArrayIndexLimit: options.maxFields,
      parts: options.maxFields + 2,
    },
    streamHandler: (_request: unknown, parser: Writable) => {
      feed = new Feed(raw, parser, memory, options);
    },
  } as multer.Options).single(options.fileField);
  return new Promise<FormFields>((resolve, reject) => {
    upload(request as unknown as HandlerInput[0], {} as HandlerInput[1], (error: unknown) => {
      feed?.stop();
      if (error === undefined || error === null) resolve(request.body as FormFields);
      else reject(error as Error);
    });
  });
}

function noFile(field: string): AppError {
  return new AppError('missing_required_parameter', {
    param: field,
    message: `Send a file, with a file name, in the field '${field}' of the form.`,
  });
}

/** The raw request on its way into multer's parser, with an eye on its length and its silences. */
class Feed {
  private received = 0;
  private readonly maxBytes: number;
  private readonly leastBytes: number;
  private readonly stall: NodeJS.Timeout;
  private readonly span: NodeJS.Timeout;
  /** What had come when the span began, and whether the storage has held the client back since. */
  private receivedBefore = 0;
  private isHeldBack = false;

  constructor(
    private readonly raw: IncomingMessage,
    private readonly parser: Writable,
    private readonly memory: ChunkMemory,
    private readonly options: MultipartLimits & Pick<MultipartOptions<UploadWriter>, 'stallMs' | 'pace' | 'signal'>,
  ) {
    this.maxBytes = maxBodyBytes(options);
    this.leastBytes = (options.pace ?? usualPatience).paceBytes;
    this.stall = setTimeout(() => this.refuseSilence(), options.stallMs ?? usualStallMs).unref();
    this.span = setInterval(() => this.refuseDripping(), (options.pace ?? usualPatience).paceMs).unref();
    raw.on('data', this.count);
    raw.on('pause', this.holdBack);
    options.signal?.addEventListener('abort', this.giveUp);
    raw.pipe(parser);
    if (options.signal?.aborted === true) this.giveUp();
  }

  /** Ends the reading. A parser that has not come to its end is broken off, and with it the file in it. */
  stop(): void {
    clearTimeout(this.stall);
    clearInterval(this.span);
    this.raw.off('data', this.count);
    this.raw.off('pause', this.holdBack);
    this.options.signal?.removeEventListener('abort', this.giveUp);
    this.raw.unpipe(this.parser);
    this.parser.destroy();
  }

  private readonly count = (chunk: Buffer): void => {
    this.received += chunk.length;
    this.memory.arrive(chunk);
    this.stall.refresh();
    if (this.received > this.maxBytes) this.parser.destroy(fileTooLarge(this.options.maxFileBytes));
  };

  private readonly giveUp = (): void => {
    this.parser.destroy(asAppError(this.options.signal?.reason));
  };

  private readonly holdBack = (): void => {
    this.isHeldBack = true;
  };

  private refuseDripping(): void {
    const isTooSlow = this.received - this.receivedBefore < this.leastBytes;
    if (isTooSlow && !this.isHeldBack && !this.raw.readableEnded)
      this.parser.destroy(new AppError('request_timeout', { message: 'The upload came too slowly.' }));
    this.receivedBefore = this.received;
    this.isHeldBack = this.raw.isPaused();
  }

  /** A client that has sent everything, or is held back because the storage is slow, is not silent. */
  private refuseSilence(): void {
    if (this.raw.readableEnded || this.raw.isPaused()) this.stall.refresh();
    else this.parser.destroy(new AppError('request_timeout', { message: 'The upload stood still for too long.' }));
  }
}
