import { Injectable } from '@nestjs/common';
import { shownAuditFaults } from '../../contracts/audit-verification.js';
import type { DayAnchor } from './anchor.js';
import { AnchorStore } from './anchor-store.js';
import { ChainMoments, type ChainMoment, type Unsealed } from './chain-moments.js';
import { ChainWalk, latestMs, type ChainFault } from './chain-walk.js';
import type { Chain } from './chain.js';

/** An anchor holds all that is before it, so that those of three years are more than enough. */
const mostAnchors = 1_000;

/** What a look at a whole chain has found. */
export interface ChainVerification {
  readonly sealed: number;
  readonly unsealed: Unsealed;
  /** Where the chain ends. */
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  /** How many were read, and the newest of them. */
  readonly anchors: number;
  readonly newestAnchor: DayAnchor | undefined;
  /** At most `shownAuditFaults` of them. */
  readonly faults: readonly ChainFault[];
  readonly faultCount: number;
}

/** Verifies chains of the audit: every row, what is before it, and what the object store says of it. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly moments: ChainMoments,
    private readonly anchors: AnchorStore,
  ) {}

  /** Reads all of the chain, a page at a time. @throws DatabaseAwayError; AppError overloaded where storage is away. */
  async verify(chain: Chain): Promise<ChainVerification> {
    // Before the rows: an anchor that is written meanwhile may stand beyond those that are seen.
    const anchors = (await this.anchors.newest(chain, mostAnchors)).sort((one, other) => one.seq - other.seq);
    return this.moments.of(chain, (moment) => verified(moment, anchors));
  }
}

async function verified(moment: ChainMoment, anchors: readonly DayAnchor[]): Promise<ChainVerification> {
  const walk = new ChainWalk(anchors, Date.now());
  const head = await moment.head();
  for await (const link of moment.links()) walk.add(link);
  walk.end(head);
  if (Number.isFinite(walk.newestMs))
    for (const id of await moment.unsealedBefore(new Date(walk.newestMs - latestMs), shownAuditFaults))
      walk.note({ seq: null, id, fault: 'inserted' });
  const { sealed, faults, faultCount } = walk;
  const unsealed = await moment.unsealed();
  return { sealed, unsealed, head, anchors: anchors.length, newestAnchor: anchors.at(-1), faults, faultCount };
}
