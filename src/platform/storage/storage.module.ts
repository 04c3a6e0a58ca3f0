import { Logger, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { LocalObjectStore } from './local-object-store.js';
import { ObjectStore } from './object-store.js';
import { storageOptions, type StorageSettings } from './storage-settings.js';

const sweepEveryMs = 60 * 60 * 1000;

/**
 * Where the content of files lives: a local folder or a bucket of any S3-compatible store, behind ObjectStore.
 * The drivers are local-object-store and s3-object-store; both receive through incoming-parts, on the local disk.
 * It knows keys and bytes only: what a file is and whose, modules/files says.
 */
@Module({
  providers: [{ provide: ObjectStore, useFactory: (settings: StorageSettings) => createStore(settings), inject: [Config] }],
  exports: [ObjectStore],
})
export class StorageModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Storage');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly store: ObjectStore) {}

  /** The first sweep is not waited for: storage that is away must not keep a process from starting. */
  onApplicationBootstrap(): void {
    this.sweeping = this.sweep();
    this.timer = setInterval(() => {
      this.sweeping = this.sweep();
    }, sweepEveryMs).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
    await this.store.close();
  }

  private async sweep(): Promise<void> {
    try {
      const removed = await this.store.sweep();
      if (removed > 0) this.logger.log(`${removed} unfinished uploads of ended processes were removed.`);
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      this.logger.error(`Unfinished uploads could not be swept. ${cause instanceof Error ? cause.message : ''}`);
    }
  }
}

/** The store that the settings name. The S3 driver is loaded only where it is used: its SDK costs a third of a second and 30 MB. */
export async function createStore(settings: StorageSettings): Promise<ObjectStore> {
  const chosen = storageOptions(settings);
  if (chosen.driver === 'local') return new LocalObjectStore(chosen.options);
  const { S3ObjectStore } = await import('./s3-object-store.js');
  return new S3ObjectStore(chosen.options);
}
