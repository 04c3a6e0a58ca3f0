import { shownAuditFaults, type AuditFaultKind } from '../../contracts/audit-verification.js';
import type { DayAnchor } from './anchor.js';
import { chainHash, chainStart } from './chain-hash.js';

export interface ChainFault {
  /** Null for a row that is not sealed. */
  readonly seq: number | null;
  /** Null where there is no row. */
  readonly id: string | null;
  readonly fault: AuditFaultKind;
}

/** A sealed row as it stands in the table. */
export interface ChainLink {
  readonly id: string;
  readonly seq: number;
  /** In hexadecimal. */
  readonly hash: string | null;
  /** Its columns but `seq` and `hash`. */
  readonly row: Readonly<Record<string, unknown>>;
}

/**
 * Rows are sealed seconds after they are committed, in the order of their times. A row that is so much older than one before
 * it in the chain was not written by any transaction of the product: the longest take minutes.
 */
export const latestMs = 3_600_000;

/** Walks along a chain, row by row in the order of numbers, and finds what does not fit. Holds a bounded number of rows. */
export class ChainWalk {
  readonly faults: ChainFault[] = [];
  faultCount = 0;
  sealed = 0;
  /** The newest time that a row of the chain has. */
  newestMs = Number.NEGATIVE_INFINITY;
  private seq = 0;
  private hash: Buffer | undefined = chainStart;
  /** Rows that have the same number. */
  private twins: ChainLink[] = [];
  private nextAnchor = 0;

  /** @param anchors those of the chain, in the order of their numbers. */
  constructor(
    private readonly anchors: readonly DayAnchor[],
    private readonly nowMs: number,
  ) {}

  /** The next row; several may claim one number. */
  add(link: ChainLink): void {
    this.sealed += 1;
    if (link.seq < 1) return this.note({ seq: link.seq, id: link.id, fault: 'inserted' });
    if (this.twins.length > 0 && this.twins[0]?.seq !== link.seq) this.settle();
    if (this.twins.length < shownAuditFaults) this.twins.push(link);
    else this.note({ seq: link.seq, id: link.id, fault: 'inserted' });
  }

  /**
   * The chain is over. @param head where the database says that it ends; undefined where it says nothing.
   */
  end(head: { readonly seq: number; readonly hash: string } | undefined): void {
    this.settle();
    if (head === undefined && this.seq > 0) this.note({ seq: this.seq, id: null, fault: 'anchor_mismatch' });
    if (head !== undefined && head.seq > this.seq) this.note({ seq: head.seq, id: null, fault: 'cut' });
    else if (head !== undefined && (head.seq < this.seq || (this.hash !== undefined && this.hash.toString('hex') !== head.hash)))
      this.note({ seq: head.seq, id: null, fault: 'anchor_mismatch' });
    for (const { seq } of this.anchors.slice(this.nextAnchor)) this.note({ seq, id: null, fault: 'cut' });
  }

  note(fault: ChainFault): void {
    this.faultCount += 1;
    if (this.faults.length < shownAuditFaults) this.faults.push(fault);
  }

  /** Judges the rows of one number: the one that fits is the row, and the others were inserted. */
  private settle(): void {
    const [first] = this.twins;
    if (first === undefined) return;
    const { seq } = first;
    this.skipTo(seq);
    const before = this.hash;
    const fits = (link: ChainLink): boolean =>
      before === undefined || chainHash(before, link.row, seq).toString('hex') === link.hash;
    const link = this.twins.find(fits) ?? first;
    const time = timeOf(link);
    const isInTime = time >= this.newestMs - latestMs && time <= this.nowMs + latestMs;
    if (!fits(link)) this.note({ seq, id: link.id, fault: 'changed' });
    else if (!isInTime) this.note({ seq, id: link.id, fault: 'inserted' });
    else this.newestMs = Math.max(this.newestMs, time);
    for (const twin of this.twins) if (twin !== link) this.note({ seq, id: twin.id, fault: 'inserted' });
    this.seq = seq;
    this.hash = Buffer.from(link.hash ?? '', 'hex');
    this.twins = [];
    this.meetAnchors(link);
  }

  /** Numbers that no row has. What comes after a gap cannot be held against what is gone. */
  private skipTo(seq: number): void {
    if (seq === this.seq + 1) return;
    let missing = this.seq + 1;
    for (; missing < seq && this.faults.length < shownAuditFaults; missing += 1)
      this.note({ seq: missing, id: null, fault: 'removed' });
    this.faultCount += seq - missing;
    this.hash = undefined;
  }

  private meetAnchors({ id, seq, hash }: ChainLink): void {
    for (let anchor = this.anchors[this.nextAnchor]; anchor !== undefined && anchor.seq <= seq;) {
      // One whose row is missing is told as removed.
      if (anchor.seq === seq && anchor.hash !== hash) this.note({ seq, id, fault: 'anchor_mismatch' });
      this.nextAnchor += 1;
      anchor = this.anchors[this.nextAnchor];
    }
  }
}

function timeOf({ row }: ChainLink): number {
  return Date.parse(String(row['created_at']));
}
