import { Injectable } from '@nestjs/common';
import { jobCatalogue } from '../../../contracts/jobs.js';
import { TenantPlaces } from '../../../platform/queue/tenant-places.js';

const { concurrency } = jobCatalogue.queues.files;

/** The places for files of this worker process. A tenant leaves one of them to the others. */
@Injectable()
export class FilePlaces extends TenantPlaces {
  constructor() {
    super({ all: concurrency, ofOne: Math.max(1, concurrency - 1), spare: 0 });
  }
}
