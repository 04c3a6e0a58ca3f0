import { Injectable } from '@nestjs/common';
import { FileContents } from '../intake/file-contents.js';
import { ExpiredUploadsRepository } from './expired-uploads.repository.js';

const batchSize = 100;

/** Ends uploads that stayed open for too long, with their parts, and forgets those that ended 30 days ago. */
@Injectable()
export class ExpiredUploads {
  constructor(
    private readonly repository: ExpiredUploadsRepository,
    private readonly contents: FileContents,
  ) {}

  /**
   * Works in batches until nothing is left or the signal fires; a later run goes on. Several runs at once do no harm.
   * @throws Error of the database.
   */
  async end(signal: AbortSignal): Promise<void> {
    for (let ended = batchSize; ended === batchSize && !signal.aborted;) {
      const batch = await this.repository.expire(batchSize);
      await this.contents.remove(batch.keys);
      ended = batch.ended;
    }
    while (!signal.aborted && (await this.repository.forget(batchSize)) === batchSize);
  }
}
