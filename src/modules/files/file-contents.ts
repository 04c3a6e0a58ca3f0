import { Injectable } from '@nestjs/common';
import { Log } from '../../observability/log.js';
import { ObjectStore, type ObjectWriter } from '../../platform/storage/object-store.js';

/** The contents of files in the object store. */
@Injectable()
export class FileContents {
  constructor(
    private readonly store: ObjectStore,
    private readonly log: Log,
  ) {}

  /** Begins a content; whoever begins it commits or aborts it. @throws AppError overloaded. */
  begin(): Promise<ObjectWriter> {
    return this.store.beginWrite();
  }

  /** Removes contents whose rows are gone. What cannot be removed now, the sweep removes. */
  async remove(storageKeys: readonly string[]): Promise<void> {
    for (const key of storageKeys) {
      await this.store.delete(key).catch((error: unknown) => {
        this.log.warn('the content of a deleted file could not be removed', { error: String(error) });
      });
    }
  }
}
