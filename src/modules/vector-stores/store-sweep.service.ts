import { Injectable } from '@nestjs/common';
import { StoreSweepRepository } from './store-sweep.repository.js';

const filesAtOnce = 500;
const tenantsAtOnce = 4;
const passagesAtOnce = 1_000;
/** One run ends before the next is due. */
const runMs = 45_000;

/** Removes what has left stores: of stores that expired or were deleted, and files that were taken away. */
@Injectable()
export class StoreSweepService {
  constructor(private readonly repository: StoreSweepRepository) {}

  /** Goes on in short steps until nothing is left, the time of a run is over or the signal fires. */
  async sweep(signal: AbortSignal): Promise<void> {
    const end = performance.now() + runMs;
    const mayGoOn = (): boolean => !signal.aborted && performance.now() < end;
    await this.repository.expire();
    while (mayGoOn() && (await this.repository.markLeaving(filesAtOnce)) > 0);
    while (mayGoOn() && (await this.repository.removeSome(tenantsAtOnce, passagesAtOnce)) > 0);
    if (mayGoOn()) await this.repository.removeStores();
  }
}
