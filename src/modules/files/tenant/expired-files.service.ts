import { Injectable } from '@nestjs/common';
import { FileContents } from '../intake/file-contents.js';
import { ExpiredFilesRepository } from './expired-files.repository.js';

const batchSize = 200;

/** Removes files whose time is over. They are absent from that moment on, whenever this runs. */
@Injectable()
export class ExpiredFiles {
  constructor(
    private readonly repository: ExpiredFilesRepository,
    private readonly contents: FileContents,
  ) {}

  /**
   * Works in batches until nothing is left or the signal fires; a later run goes on. Several runs at once do no harm.
   * @returns how many were removed.
   * @throws Error of the database.
   */
  async remove(signal: AbortSignal): Promise<number> {
    let removed = 0;
    while (!signal.aborted) {
      const keys = await this.repository.deleteExpired(batchSize);
      await this.contents.remove(keys);
      removed += keys.length;
      if (keys.length < batchSize) break;
    }
    return removed;
  }
}
