import { jobCatalogue, type Jobs } from '../../contracts/jobs.js';
import { JobQueue } from './job-queue.js';
import type { QueueBackend } from './queue-backend.js';

/** Enqueues the platform's jobs, in every process. */
export class QueueService extends JobQueue<Jobs> {
  constructor(backend: QueueBackend, onError: (error: unknown) => void) {
    super(jobCatalogue, backend, onError);
  }
}
