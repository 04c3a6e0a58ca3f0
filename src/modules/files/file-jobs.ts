import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { faultPoint } from '../../platform/fault-point.js';
import { QueueUnavailableError } from '../../platform/queue/queue-backend.js';
import { QueueService } from '../../platform/queue/queue.service.js';

/** A file that waits for an attempt. */
export interface WaitingFile {
  readonly tenantId: string;
  readonly id: string;
  /** Attempts that were made. */
  readonly attempts: number;
}

/** Puts files into the queue. The file's row is the outbox: what could not be put there now, the sweep puts there. */
@Injectable()
export class FileJobs {
  constructor(
    private readonly queue: QueueService,
    private readonly config: Config,
  ) {}

  /**
   * Queues the next attempt of a file; twice is once. The more unfinished files a tenant has, the later they come, so
   * that one tenant's thousand files do not stand before another's one.
   * @returns false when the queue is away.
   */
  async enqueue({ tenantId, id, attempts }: WaitingFile, unfinished: number): Promise<boolean> {
    faultPoint(this.config.GT_FAULT_POINT, 'upload.after-row');
    try {
      await this.queue.enqueue(
        'file.process',
        { tenantId, fileId: id },
        { jobId: `${id}-${attempts + 1}`, priority: 1 + unfinished },
      );
      return true;
    } catch (error) {
      if (error instanceof QueueUnavailableError) return false;
      throw error;
    }
  }
}
