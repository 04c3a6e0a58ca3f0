import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../../contracts/jobs.js';
import { TenantPlaces } from '../../../platform/queue/tenant-places.js';

/** The places for files of this worker process. A tenant leaves one of them to the others. */
@Injectable()
export class FilePlaces extends TenantPlaces {
  constructor() {
    super(Math.max(1, jobCatalogue.queues.files.concurrency - 1));
  }
}
