import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../contracts/jobs.js';
import { TenantPlaces } from '../../platform/queue/tenant-places.js';

/** The places for responses of this worker process. A tenant leaves a quarter of them to the others. */
@Injectable()
export class BackgroundPlaces extends TenantPlaces {
  constructor() {
    super(Math.floor((jobCatalogue.queues.responses.concurrency * 3) / 4));
  }
}
