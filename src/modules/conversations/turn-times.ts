import { Injectable } from '@nestjs/common';

/** How long turns wait for one another, in milliseconds. No settings: the contract promises the wait. */
@Injectable()
export class TurnTimes {
  /** The longest wait for another turn's end; then 409. */
  waitMs = 30_000;
  /** A lease that is not renewed ends after this: shorter than the wait, so that who waits outlives a dead process. */
  leaseMs = 20_000;
}
