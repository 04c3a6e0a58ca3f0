import type { OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/config.module.js';
import { outsideTraces } from '../../observability/tracing/current-trace.js';
import { faultPoint } from '../fault-point.js';
import { QueueUnavailableError } from './queue-backend.js';

const againMs = 1_000;
const mostLeft = 10_000;

/**
 * Puts work whose rows are in the database into the queue. The row is the outbox: what could not be put there now is tried
 * again each second while this process lives, and by a sweep in any case.
 */
export abstract class Outbox<Work extends { readonly id: string }> implements OnApplicationShutdown {
  private readonly left = new Map<string, { readonly work: Work; readonly before: number }>();
  private timer: NodeJS.Timeout | undefined;

  /** @param afterRow the fault point between the commit of a row and its job. */
  constructor(
    private readonly config: Config,
    private readonly afterRow: string,
  ) {}

  /**
   * Queues the next run of a piece of work; twice is once.
   * @param before how many open ones its tenant has: the more, the later it comes, so that one tenant's thousand do not
   * stand before another's one.
   * @returns false when the queue is away.
   */
  async enqueue(work: Work, before: number): Promise<boolean> {
    faultPoint(this.config.GT_FAULT_POINT, this.afterRow);
    const isQueued = await this.put(work, before);
    if (!isQueued && this.left.size < mostLeft) {
      this.left.set(work.id, { work, before });
      this.timer ??= this.soon();
    }
    return isQueued;
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.left.clear();
  }

  /** Puts its job into the queue. @throws QueueUnavailableError when the queue is away. */
  protected abstract queued(work: Work, priority: number): Promise<void>;

  private async again(): Promise<void> {
    for (const [id, { work, before }] of this.left) {
      if (!(await this.put(work, before).catch(() => false))) break;
      this.left.delete(id);
    }
    this.timer = this.left.size === 0 ? undefined : this.soon();
  }

  /** Whose trace sets this off says nothing of the others that wait. */
  private soon(): NodeJS.Timeout {
    return outsideTraces(() => setTimeout(() => void this.again(), againMs)).unref();
  }

  private async put(work: Work, before: number): Promise<boolean> {
    try {
      await this.queued(work, 1 + before);
      return true;
    } catch (error) {
      if (error instanceof QueueUnavailableError) return false;
      throw error;
    }
  }
}
