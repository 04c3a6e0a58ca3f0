import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../contracts/jobs.js';
import { TenantPlaces } from '../../platform/queue/tenant-places.js';

const { concurrency } = jobCatalogue.queues.responses;

/**
 * The places for responses of this worker process. A tenant leaves a quarter of them to the others, and the last two are
 * for tenants that have none: a provider that drips keeps a place for an hour.
 */
@Injectable()
export class BackgroundPlaces extends TenantPlaces {
  constructor() {
    super({ all: concurrency, ofOne: Math.floor((concurrency * 3) / 4), spare: 2 });
  }
}
