import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { Log } from '../../../observability/log.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { parsePlaced } from '../../../platform/storage/object-key.js';
import { ObjectStore, type ObjectWriter } from '../../../platform/storage/object-store.js';
import { ContentHolds } from './content-holds.js';

/** The contents of files in the object store. */
@Injectable()
export class FileContents {
  constructor(
    private readonly store: ObjectStore,
    private readonly log: Log,
    private readonly config: Config,
    private readonly holds: ContentHolds,
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

  /** Removes a content that no row has ever named, so nobody can read it; the database may be away. */
  async drop(key: string): Promise<void> {
    await this.store.delete(key).catch((error: unknown) => this.warn(error));
  }

  /** Removes contents whose rows are gone, but for those that somebody still reads. What cannot be removed now, the sweep removes. */
  async remove(storageKeys: readonly string[]): Promise<void> {
    for (const key of await this.unheld(storageKeys)) await this.drop(key);
  }

  private async unheld(storageKeys: readonly string[]): Promise<readonly string[]> {
    const byTenant = new Map<string, string[]>();
    const free: string[] = [];
    for (const key of storageKeys) {
      const tenantId = parsePlaced(key)?.tenantId;
      // Only an older release wrote contents whose key is of another form, and nobody holds those.
      if (tenantId === undefined) free.push(key);
      else byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), key]);
    }
    for (const [tenantId, keys] of byTenant) {
      const held = await this.holds.held(tenantId, keys).catch((error: unknown) => this.warn(error));
      free.push(...keys.filter((key) => held?.has(key) === false));
    }
    return free;
  }

  private warn(error: unknown): undefined {
    this.log.warn('the content of a deleted file could not be removed', { error: String(error) });
  }
}
