import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { QueueUnavailableError } from '../../../platform/queue/queue-backend.js';
import { QueueService } from '../../../platform/queue/queue.service.js';
import type { WaitingFile } from '../record/file-record.js';
import { isFurther } from './file-claims.repository.js';

const againMs = 1_000;
const mostLeft = 10_000;

/**
 * Puts files into the queue. The file's row is the outbox: what could not be put there now is tried again each second while
 * this process lives, and by the sweep in any case.
 */
@Injectable()
export class FileJobs implements OnApplicationShutdown {
  private readonly left = new Map<string, { readonly file: WaitingFile; readonly unfinished: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: QueueService,
    private readonly config: Config,
  ) {}

  /**
   * Queues the next attempt of a file; twice is once. The more unfinished files a tenant has, the later they come, so
   * that one tenant's thousand files do not stand before another's one.
   * @returns false when the queue is away.
   */
  async enqueue(file: WaitingFile, unfinished: number): Promise<boolean> {
    faultPoint(this.config.GT_FAULT_POINT, 'upload.after-row');
    const isQueued = await this.put(file, unfinished);
    if (!isQueued) this.remember(file, unfinished);
    return isQueued;
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.left.clear();
  }

  private remember(file: WaitingFile, unfinished: number): void {
    if (this.left.size < mostLeft) this.left.set(file.id, { file, unfinished });
    this.timer ??= setTimeout(() => void this.again(), againMs).unref();
  }

  private async again(): Promise<void> {
    for (const [id, { file, unfinished }] of this.left) {
      if (!(await this.put(file, unfinished).catch(() => false))) break;
      this.left.delete(id);
    }
    this.timer = this.left.size === 0 ? undefined : setTimeout(() => void this.again(), againMs).unref();
  }

  private async put({ tenantId, id, attempts }: WaitingFile, unfinished: number): Promise<boolean> {
    try {
      const options = { jobId: `${id}-${attempts + 1}`, priority: 1 + unfinished };
      if (isFurther(id)) await this.queue.enqueue('ingestion.process', { tenantId, ingestionId: id }, options);
      else await this.queue.enqueue('file.process', { tenantId, fileId: id }, options);
      return true;
    } catch (error) {
      if (error instanceof QueueUnavailableError) return false;
      throw error;
    }
  }
}
