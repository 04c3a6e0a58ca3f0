import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { AppError } from '../../kernel/app-error.js';
import { UnpackGuard } from '../../platform/documents/unpack-guard.js';

/** What an archive may cost. */
export interface ArchiveLimits {
  readonly maxEntries: number;
  /** One entry, unpacked, in bytes. */
  readonly maxEntryBytes: number;
  /** All entries together, unpacked, in bytes. */
  readonly maxTotalBytes: number;
  /** Unpacked over packed size; it counts for entries larger than `ratioFromBytes`. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
}

/** Why one entry is not taken, while the others may be. */
export class EntryRefusal extends Error {
  override readonly name = 'EntryRefusal';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A ZIP archive on the local disk, entry by entry. Its directory is judged before anything is unpacked, and what is
 * unpacked is counted again, since directories lie. The package that reads it is loaded with the first archive.
 */
export class ArchiveEntries {
  private readonly guard: UnpackGuard;

  private constructor(
    private readonly file: ZipFile,
    readonly entries: readonly Entry[],
    private readonly limits: ArchiveLimits,
  ) {
    this.guard = new UnpackGuard({ ...limits, maxBytes: limits.maxTotalBytes });
  }

  /** @throws AppError invalid_value when it is no whole archive, payload_too_large when it holds too much. */
  static async open(path: string, limits: ArchiveLimits): Promise<ArchiveEntries> {
    const { openPromise } = await import('yauzl');
    const file = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(noArchive);
    try {
      return new ArchiveEntries(file, await readDirectory(file, limits), limits);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The content of an entry. @throws EntryRefusal, also while it is read. */
  async *read(entry: Entry): AsyncGenerator<Buffer> {
    if (entry.isEncrypted()) throw new EntryRefusal('encrypted_entry', 'The entry is protected by a password.');
    if (entry.uncompressedSize > this.limits.maxEntryBytes) throw tooLarge();
    const judge = this.guard.entry(entry.compressedSize);
    let bytes = 0;
    const stream = (await this.file.openReadStreamPromise(entry).catch(damaged)) as Readable;
    try {
      for await (const part of stream) {
        bytes += (part as Buffer).length;
        const fault = judge((part as Buffer).length);
        if (fault === 'bytes' || bytes > this.limits.maxEntryBytes) throw tooLarge();
        if (fault === 'ratio') throw tooDense();
        yield part as Buffer;
      }
    } catch (error) {
      if (error instanceof EntryRefusal) throw error;
      damaged();
    } finally {
      stream.destroy();
    }
  }

  close(): void {
    this.file.close();
  }
}

async function readDirectory(file: ZipFile, { maxEntries, maxTotalBytes }: ArchiveLimits): Promise<Entry[]> {
  if (file.entryCount > maxEntries) {
    throw new AppError('payload_too_large', {
      param: 'file',
      message: `The archive holds more than the ${maxEntries} entries that are allowed.`,
    });
  }
  const entries: Entry[] = [];
  let bytes = 0;
  try {
    for await (const entry of file.eachEntry()) {
      bytes += entry.uncompressedSize;
      if (isDocument(entry.fileName)) entries.push(entry);
    }
  } catch (error) {
    noArchive(error);
  }
  if (bytes > maxTotalBytes) {
    throw new AppError('payload_too_large', {
      param: 'file',
      message: `The archive holds more than the ${maxTotalBytes} bytes that are allowed, unpacked.`,
    });
  }
  return entries;
}

/** Folders, and what operating systems add of themselves, are passed over. */
function isDocument(name: string): boolean {
  return !name.endsWith('/') && !/(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|\._)/.test(name);
}

function noArchive(cause: unknown): never {
  throw new AppError('invalid_value', { param: 'file', message: 'The file is no ZIP archive, or a damaged one.', cause });
}

function damaged(): never {
  throw new EntryRefusal('damaged_entry', 'The entry is damaged and could not be unpacked.');
}

function tooDense(): EntryRefusal {
  return new EntryRefusal('compression_ratio', 'The entry is packed far more tightly than a real document is.');
}

function tooLarge(): EntryRefusal {
  return new EntryRefusal('payload_too_large', 'The entry is larger than what is allowed.');
}
