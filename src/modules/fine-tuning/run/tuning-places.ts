import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../../contracts/jobs.js';
import { TenantPlaces } from '../../../platform/queue/tenant-places.js';

const { concurrency } = jobCatalogue.queues.tuning;

/** The places for fine-tuning jobs of this worker process: one tenant's copies of large files do not hold up all others. */
@Injectable()
export class TuningPlaces extends TenantPlaces {
  constructor() {
    super({ all: concurrency, ofOne: concurrency / 2, spare: 2 });
  }
}
