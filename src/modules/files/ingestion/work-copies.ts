import { Injectable } from '@nestjs/common';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Config } from '../../../config/config.module.js';
import { randomBase62 } from '../../../kernel/ids.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import type { ClaimedFile } from '../record/file-record.js';
import { FileFailure } from './file-steps.js';

/** Longer than any run may take: an older copy is a dead worker's. */
const abandonedMs = 2 * 60 * 60 * 1000;

/** A file of the local disk that is being filled. Whoever got it aborts it when it is no longer needed. */
export interface LocalCopy {
  readonly path: string;
  readonly stream: Writable;
  abort(): Promise<void>;
}

/** Copies of contents on the local disk, for the parser, which reads no store. */
@Injectable()
export class WorkCopies {
  private readonly folder: string;

  constructor(
    private readonly store: ObjectStore,
    config: Config,
  ) {
    this.folder = resolve(config.GT_DATA_DIR, 'work');
  }

  /**
   * Gives `work` the path of a copy that is removed afterwards.
   * @throws FileFailure when the content is gone, AppError overloaded when the store does not answer.
   */
  async with<T>(file: ClaimedFile, signal: AbortSignal, work: (path: string) => Promise<T>): Promise<T> {
    const content = await this.store.openRead(file.storageKey);
    if (content === undefined) throw new FileFailure('content_missing', 'The content of the file is gone. Upload it again.');
    const path = join(this.folder, `${file.id}${file.ingestionId}-${file.attempt}`);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await pipeline(content, createWriteStream(path, { mode: 0o600 }), { signal });
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  /** An empty file of one's own. */
  async receive(): Promise<LocalCopy> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, `incoming-${randomBase62(20)}`);
    const stream = createWriteStream(path, { mode: 0o600, flags: 'wx' });
    stream.on('error', () => undefined);
    const abort = async (): Promise<void> => {
      stream.destroy();
      await rm(path, { force: true });
    };
    return { path, stream, abort };
  }

  /** Removes the copies that dead workers left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const changedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
      if (Date.now() - changedMs > abandonedMs) await rm(path, { recursive: true, force: true });
    }
  }
}
