import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { QueueUnavailableError } from '../../../platform/queue/queue-backend.js';
import { QueueService } from '../../../platform/queue/queue.service.js';
import type { ResponsePlace } from './background-record.js';

const againMs = 1_000;
const mostLeft = 10_000;

/** A response that waits for a worker. */
export interface WaitingResponse extends ResponsePlace {
  /** Runs that it has had. */
  readonly attempts: number;
}

/**
 * Puts responses into the queue. The row is the outbox: what could not be put there now is tried again each second while this
 * process lives, and by the sweep in any case.
 */
@Injectable()
export class BackgroundJobs implements OnApplicationShutdown {
  private readonly left = new Map<string, { readonly waiting: WaitingResponse; readonly open: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: QueueService,
    private readonly config: Config,
  ) {}

  /**
   * Queues the next run of a response; twice is once. The more open ones its tenant has, the later it comes.
   * @returns false when the queue is away.
   */
  async enqueue(waiting: WaitingResponse, open: number): Promise<boolean> {
    faultPoint(this.config.GT_FAULT_POINT, 'background.after-row');
    const isQueued = await this.put(waiting, open);
    if (!isQueued && this.left.size < mostLeft) {
      this.left.set(waiting.id, { waiting, open });
      this.timer ??= setTimeout(() => void this.again(), againMs).unref();
    }
    return isQueued;
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.left.clear();
  }

  private async again(): Promise<void> {
    for (const [id, { waiting, open }] of this.left) {
      if (!(await this.put(waiting, open).catch(() => false))) break;
      this.left.delete(id);
    }
    this.timer = this.left.size === 0 ? undefined : setTimeout(() => void this.again(), againMs).unref();
  }

  private async put({ tenantId, id, attempts }: WaitingResponse, open: number): Promise<boolean> {
    try {
      const options = { jobId: `${id}-${attempts + 1}`, priority: 1 + open };
      await this.queue.enqueue('response.run', { tenantId, responseId: id }, options);
      return true;
    } catch (error) {
      if (error instanceof QueueUnavailableError) return false;
      throw error;
    }
  }
}
