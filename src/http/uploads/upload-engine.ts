import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StorageEngine } from 'multer';
import { cleanFileName } from '../../kernel/file-name.js';
import type { ChunkMemory } from './chunk-memory.js';
import { GatheredStart } from './gathered-start.js';
import { fileTooLarge } from './multipart-headers.js';
import type { UploadWriter } from './upload-writer.js';

/** How much of a file is needed to tell its type: what the package file-type asks for. */
const headBytes = 4100;

export interface ReceivedFile<W extends UploadWriter> {
  /** The client's name for it, cleaned: text to show, never a path. */
  readonly filename: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The media type that the client wrote on it: a claim. */
  readonly mediaTypeDeclared: string;
  /** Holds the whole content, not committed yet. The caller commits or aborts it. */
  readonly writer: W;
}

export interface UploadEngineOptions<W extends UploadWriter> {
  readonly maxFileBytes: number;
  /** Begins a file in the storage, once its first bytes were accepted. */
  readonly begin: () => Promise<W>;
  /** Judges a file by its first bytes, at most 4,100, and its name. Refuses it by throwing an AppError. */
  readonly onFirstBytes: (head: Buffer, filename: string) => void | Promise<void>;
}

type Source = AsyncIterator<Buffer, undefined>;

/** Multer's storage engine for one upload: hashes the file while it goes to the storage, and holds none of it. */
export class UploadEngine<W extends UploadWriter> implements StorageEngine {
  private writer: W | undefined;
  private file: ReceivedFile<W> | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: UploadEngineOptions<W>,
    private readonly memory: ChunkMemory,
  ) {}

  /** The file, once multer has ended; undefined when the form had none. */
  get received(): ReceivedFile<W> | undefined {
    return this.file;
  }

  /** Removes what was received. To be called whenever the upload is not handed on. */
  async discard(): Promise<void> {
    await this.work;
    await this.writer?.abort();
  }

  _handleFile(_request: unknown, file: Express.Multer.File, done: (error?: unknown) => void): void {
    file.stream.once('limit', () => file.stream.destroy(fileTooLarge(this.options.maxFileBytes)));
    this.work = this.receive(file).then(
      () => done(),
      (error: unknown) => done(error),
    );
  }

  /** Multer's wish to clean up; `discard` does it, whatever went wrong and wherever. */
  _removeFile(_request: unknown, _file: Express.Multer.File, done: (error: Error | null) => void): void {
    done(null);
  }

  private async receive({ stream, originalname, mimetype }: Express.Multer.File): Promise<void> {
    const source = (stream as Readable)[Symbol.asyncIterator]() as Source;
    const filename = cleanFileName(originalname);
    const head = await readHead(source);
    await this.options.onFirstBytes(Buffer.concat(head, Math.min(headBytes, bytesOf(head))), filename);
    const writer = await this.options.begin();
    this.writer = writer;
    const hash = createHash('sha256');
    const count = { bytes: 0 };
    await pipeline(this.measured(head, source, hash, count, writer), writer.stream);
    this.file = { filename, bytes: count.bytes, sha256: hash.digest('hex'), mediaTypeDeclared: mimetype, writer };
  }

  private async *measured(
    head: readonly Buffer[],
    source: Source,
    hash: Hash,
    count: { bytes: number },
    { stream }: W,
  ): AsyncGenerator<Buffer, void> {
    const rest: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => source };
    const start = new GatheredStart(stream);
    try {
      for (const chunks of [head, rest]) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          count.bytes += chunk.length;
          yield chunk;
          start.given(count.bytes);
          this.memory.written(count.bytes - stream.writableLength);
        }
      }
    } finally {
      start.end();
    }
  }
}

function bytesOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

async function readHead(source: Source): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for (let bytes = 0; bytes < headBytes;) {
    const { value } = await source.next();
    if (value === undefined) break;
    chunks.push(value);
    bytes += value.length;
  }
  return chunks;
}
