import { Injectable } from '@nestjs/common';
import { TuningSweepRepository } from '../record/tuning-sweep.repository.js';
import { TuningQueue } from './tuning-queue.js';

const batchSize = 500;

/** Queues fine-tuning jobs that are due. Those that have a job in the queue already keep it. */
@Injectable()
export class TuningSweep {
  constructor(
    private readonly repository: TuningSweepRepository,
    private readonly queue: TuningQueue,
  ) {}

  async sweep(signal: AbortSignal): Promise<void> {
    for (const { before, ...job } of await this.repository.findLeft(batchSize))
      if (signal.aborted || !(await this.queue.enqueue(job, before))) return;
  }
}
