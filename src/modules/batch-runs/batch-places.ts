import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../contracts/jobs.js';
import { TenantPlaces } from '../../platform/queue/tenant-places.js';

const { concurrency } = jobCatalogue.queues.batches;

/** The places for batches of this worker process. How many of their requests run at once is for LinePlaces to say. */
@Injectable()
export class BatchPlaces extends TenantPlaces {
  constructor() {
    super({ all: concurrency, ofOne: Math.floor(concurrency / 2), spare: Math.floor(concurrency / 4) });
  }
}
