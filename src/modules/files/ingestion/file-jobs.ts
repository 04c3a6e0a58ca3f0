import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { Outbox } from '../../../platform/queue/outbox.js';
import { QueueService } from '../../../platform/queue/queue.service.js';
import type { WaitingFile } from '../record/file-record.js';
import { isFurther } from './file-claims.repository.js';

/** Puts files into the queue. */
@Injectable()
export class FileJobs extends Outbox<WaitingFile> {
  constructor(
    private readonly queue: QueueService,
    config: Config,
  ) {
    super(config, 'upload.after-row');
  }

  protected override async queued({ tenantId, id, attempts }: WaitingFile, priority: number): Promise<void> {
    const options = { jobId: `${id}-${attempts + 1}`, priority };
    if (isFurther(id)) await this.queue.enqueue('ingestion.process', { tenantId, ingestionId: id }, options);
    else await this.queue.enqueue('file.process', { tenantId, fileId: id }, options);
  }
}
