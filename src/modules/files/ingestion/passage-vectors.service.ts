import { Injectable } from '@nestjs/common';
import { PassageVectorsRepository } from './passage-vectors.repository.js';

const filesAtOnce = 500;
const tenantsAtOnce = 4;
const vectorsAtOnce = 200;
/** One run ends before the next is due. */
const runMs = 45_000;

/** Brings what the release before stored over to ingestions and the table of vectors. */
@Injectable()
export class PassageVectorsService {
  /** Once there are none there are none: every write of a file makes its ingestion. */
  private hasAdopted = false;

  constructor(private readonly repository: PassageVectorsRepository) {}

  /** Goes on in batches until nothing is left, the time of a run is over or the signal fires. */
  async bringOver(signal: AbortSignal): Promise<void> {
    const end = performance.now() + runMs;
    const mayGoOn = (): boolean => !signal.aborted && performance.now() < end;
    while (!this.hasAdopted && mayGoOn()) this.hasAdopted = (await this.repository.adoptFiles(filesAtOnce)) === 0;
    while (mayGoOn() && (await this.repository.copySome(tenantsAtOnce, vectorsAtOnce)) > 0);
  }
}
