import { Injectable } from '@nestjs/common';
import { Log } from '../../observability/log.js';
import { dayOf } from './anchor.js';
import { AnchorStore } from './anchor-store.js';
import { AnchoringRepository, type ChainEnd } from './anchoring.repository.js';
import { chainName } from './chain.js';

const chainsAtOnce = 100;

/**
 * Writes where chains end to the object store: at the first row of a day that is sealed, and each hour while more come.
 * Storage that is away is tried again after a minute; sealing does not wait for it.
 */
@Injectable()
export class AnchoringService {
  constructor(
    private readonly repository: AnchoringRepository,
    private readonly anchors: AnchorStore,
    private readonly log: Log,
  ) {}

  /** Anchors the chains that are due. @returns how many were written. */
  async anchorDue(signal: AbortSignal, now = new Date()): Promise<number> {
    const due = await this.repository.take(chainsAtOnce);
    const isOurs = due.length === 0 || (await this.anchors.isOurs());
    let written = 0;
    for (const end of due) {
      if (signal.aborted) break;
      if (!isOurs) await this.repository.defer(end);
      else if (await this.anchor(end, dayOf(now), now)) written += 1;
    }
    return written;
  }

  private async anchor(end: ChainEnd, day: string, now: Date): Promise<boolean> {
    const chain = chainName(end);
    try {
      if (!(await this.continues(end, day))) {
        await this.repository.defer(end);
        const message = `The audit of ${chain} does not go on from its anchor of ${day}, which stays. Run: gt audit verify`;
        this.log.failure(new Error(message), { chain });
        return false;
      }
      const { seq, hash } = end;
      await this.anchors.write(end, day, { chain, seq, hash, at: now.toISOString() });
      await this.repository.anchored(end, seq);
      return true;
    } catch (cause) {
      this.log.failure(new Error(`The audit of ${chain} could not be anchored.`, { cause }), { chain });
      return false;
    }
  }

  /** Whether the chain still has what the day's anchor says, and reaches beyond it. One that does not leaves it alone. */
  private async continues(end: ChainEnd, day: string): Promise<boolean> {
    const former = await this.anchors.read(end, day);
    if (former === undefined) return true;
    if (former.seq > end.seq) return false;
    return (await this.repository.hashAt(end, former.seq)) === former.hash;
  }
}
