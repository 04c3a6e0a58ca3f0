import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { Log } from '../../../observability/log.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { ObjectStore, type ObjectWriter } from '../../../platform/storage/object-store.js';

/** The contents of files in the object store. */
@Injectable()
export class FileContents {
  constructor(
    private readonly store: ObjectStore,
    private readonly log: Log,
    private readonly config: Config,
  ) {}

  /** Begins a content; whoever begins it commits or aborts it. @throws AppError overloaded. */
  begin(): Promise<ObjectWriter> {
    return this.store.beginWrite();
  }

  /** Makes a content that has arrived whole the one of this key; when that fails nothing of it stays. @throws AppError. */
  async keep(writer: Pick<ObjectWriter, 'commit' | 'abort'>, key: string): Promise<void> {
    try {
      await writer.commit(key);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    faultPoint(this.config.GT_FAULT_POINT, 'upload.after-content');
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
