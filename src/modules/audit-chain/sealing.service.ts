import { Injectable } from '@nestjs/common';
import { SealingRepository } from './sealing.repository.js';

const chainsAtOnce = 500;
/** A transaction of so many rows takes well under a second. */
const rowsAtOnce = 500;

/** Seals what was committed since the last time. */
@Injectable()
export class SealingService {
  constructor(private readonly repository: SealingRepository) {}

  /** Page by page in turn, so that a chain with very many rows does not stand before the others. Returns how many rows. */
  async sealAll(signal: AbortSignal): Promise<number> {
    let sealed = 0;
    for (;;) {
      let now = 0;
      for (const chain of await this.repository.waiting(chainsAtOnce)) {
        if (signal.aborted) return sealed + now;
        now += await this.repository.seal(chain, rowsAtOnce);
      }
      if (now === 0) return sealed;
      sealed += now;
    }
  }
}
