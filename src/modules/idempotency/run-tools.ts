import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/secrets/key-ring.js';
import { IdempotentRequestsRepository } from './idempotent-requests.repository.js';
import { LiveRuns } from './live-runs.js';

/** What every run needs of its surroundings. */
@Injectable()
export class RunTools {
  constructor(
    readonly requests: IdempotentRequestsRepository,
    readonly live: LiveRuns,
    readonly keyRing: KeyRing,
  ) {}
}
