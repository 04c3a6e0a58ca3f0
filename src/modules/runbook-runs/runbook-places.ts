import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../contracts/jobs.js';
import { TenantPlaces } from '../../platform/queue/tenant-places.js';

const { concurrency } = jobCatalogue.queues.runbooks;

/** The places for runs of runbooks of this worker process: a tenant has half of them, and the last is for one that has none. */
@Injectable()
export class RunbookPlaces extends TenantPlaces {
  constructor() {
    super({ all: concurrency, ofOne: concurrency / 2, spare: 1 });
  }
}
