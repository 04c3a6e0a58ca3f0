import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import { Config } from '../../../config/config.module.js';
import { ShareBudget } from '../../../kernel/share-budget.js';
import { Log } from '../../../observability/log.js';
import { IncomingParts } from '../../../platform/storage/incoming-parts.js';
import { FormLog } from './form-log.js';

/**
 * The folder `spool` of the data folder, in which forms wait that cannot be sent yet. A file goes with its request; what a
 * killed process left goes when the next one starts. Of the bytes each tenant has its share (kernel/share-budget.ts).
 */
@Injectable()
export class Spool implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly files: IncomingParts;
  private readonly budget: ShareBudget;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    config: Config,
    private readonly log: Log,
  ) {
    this.files = new IncomingParts(join(config.GT_DATA_DIR, 'spool'));
    this.budget = new ShareBudget(config.GT_MAX_SPOOL_BYTES, config.GT_TENANT_SHARE_PERCENT);
  }

  /** The start does not wait for it: a disk that is slow must not keep a process from answering. */
  onApplicationBootstrap(): void {
    this.sweeping = this.files.sweep().then(
      () => undefined,
      (error: unknown) => this.log.warn('the spool folder could not be swept', { cause: String(error) }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sweeping;
    await this.files.close();
  }

  /** Room for what has come of a form. Whoever takes it closes it. */
  open(tenantId: string): FormLog {
    return new FormLog(this.files, this.budget, tenantId);
  }
}
