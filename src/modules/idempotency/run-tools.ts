import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { faultPoint } from '../../platform/fault-point.js';
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
    private readonly config: Config,
  ) {}

  /** Ends the process here when a test asks for it. */
  faultPoint(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}
