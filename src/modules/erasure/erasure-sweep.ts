import { Injectable } from '@nestjs/common';
import { QueueService } from '../../platform/queue/queue.service.js';
import { ErasuresRepository } from './erasures.repository.js';

const batchSize = 100;

/** Queues erasures that are due. Each attempt has a job of its own: that of a dead worker is not waited for. */
@Injectable()
export class ErasureSweep {
  constructor(
    private readonly repository: ErasuresRepository,
    private readonly queue: QueueService,
  ) {}

  async sweep(signal: AbortSignal): Promise<void> {
    for (const { id, attempts } of await this.repository.due(batchSize)) {
      if (signal.aborted) return;
      await this.queue.enqueue('erasure.run', { erasureId: id }, { jobId: `${id}-${attempts}` });
    }
  }
}
