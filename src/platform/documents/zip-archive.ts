import { Transform, type Readable } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { UnpackGuard } from './unpack-guard.js';
import { DocumentFailure } from './document-failure.js';
import type { ParseLimits } from './parse-limits.js';

/**
 * A packed document that cannot be a bomb: the directory is judged before anything is unpacked, and what is then
 * unpacked is counted again, since directories lie. Archives inside the archive are never opened. Part names are
 * compared without case, as the format asks.
 */
export class ZipArchive {
  private constructor(
    private readonly file: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly guard: UnpackGuard,
  ) {}

  /**
   * Opens an archive; `close` it afterwards.
   * @throws DocumentFailure damaged_file, encrypted_document, too_many_entries, too_large_uncompressed, compression_ratio.
   */
  static async open(path: string, limits: ParseLimits): Promise<ZipArchive> {
    const file = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(damaged);
    try {
      const guard = new UnpackGuard({ ...limits, maxBytes: limits.maxUncompressedBytes });
      return new ZipArchive(file, await readDirectory(file, limits, guard), guard);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.entries.has(name.toLowerCase());
  }

  /** Bytes of a part as its directory says; 0 for one that is absent. */
  size(name: string): number {
    return this.entries.get(name.toLowerCase())?.uncompressedSize ?? 0;
  }

  /**
   * A part, unpacked as it is read. What is read `ahead` is read again later, and counts only then.
   * @throws DocumentFailure damaged_file when it is absent; while reading also for broken data and passed limits.
   */
  async stream(name: string, ahead?: 'ahead'): Promise<Readable> {
    const entry = this.entries.get(name.toLowerCase());
    if (entry === undefined) throw new DocumentFailure('damaged_file', { cause: new Error(`The part ${name} is missing.`) });
    const packed = await this.file.openReadStreamPromise(entry).catch(damaged);
    const counted = this.counter(entry, ahead === 'ahead');
    packed.on('error', (error) => counted.destroy(asFailure(error)));
    return packed.pipe(counted).on('close', () => packed.destroy());
  }

  /** A whole part in memory; throws as `stream` does. */
  async read(name: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of await this.stream(name)) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }

  close(): void {
    this.file.close();
  }

  private counter(entry: Entry, isAhead: boolean): Transform {
    const judge = this.guard.entry(entry.compressedSize, isAhead);
    return new Transform({
      transform: (part: Buffer, _encoding, done) => {
        const fault = judge(part.length);
        if (fault === undefined) done(null, part);
        else done(new DocumentFailure(fault === 'bytes' ? 'too_large_uncompressed' : 'compression_ratio'));
      },
    });
  }
}

async function readDirectory(file: ZipFile, limits: ParseLimits, guard: UnpackGuard): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  if (file.entryCount > limits.maxEntries) throw new DocumentFailure('too_many_entries');
  let bytes = 0;
  for await (const entry of entriesOf(file)) {
    if (entry.isEncrypted()) throw new DocumentFailure('encrypted_document');
    bytes += entry.uncompressedSize;
    if (bytes > limits.maxUncompressedBytes) throw new DocumentFailure('too_large_uncompressed');
    if (guard.isTooDense(entry.uncompressedSize, entry.compressedSize)) throw new DocumentFailure('compression_ratio');
    entries.set(entry.fileName.toLowerCase(), entry);
  }
  return entries;
}

async function* entriesOf(file: ZipFile): AsyncGenerator<Entry> {
  try {
    yield* file.eachEntry();
  } catch (error) {
    throw asFailure(error);
  }
}

function asFailure(error: unknown): DocumentFailure {
  return error instanceof DocumentFailure ? error : new DocumentFailure('damaged_file', { cause: error });
}

function damaged(error: unknown): never {
  throw asFailure(error);
}
