import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';

/**
 * Why rows were left out: too much waits for the database (`backlog`), the journal's disk refuses (`disk`), the database has refused
 * them or taken too long (`database`), or they are older than the log reaches back (`late`). `bodies`: those of a call found no room,
 * or were not taken by the database.
 */
export type DropReason = 'backlog' | 'disk' | 'database' | 'late' | 'bodies';

/** Counts the rows that are left out, for whoever scrapes, and for the database when it takes rows again. */
@Injectable()
export class RequestDrops {
  private untold = new Map<DropReason, number>();

  constructor(private readonly metrics: Metrics) {}

  add(reason: DropReason, rows: number): void {
    this.metrics.requestLogDropped.add(reason, undefined, rows);
    this.untold.set(reason, (this.untold.get(reason) ?? 0) + rows);
  }

  /** What was added since it was taken last. Whoever cannot tell it gives it back. */
  take(): ReadonlyMap<DropReason, number> {
    const taken = this.untold;
    if (taken.size > 0) this.untold = new Map();
    return taken;
  }

  giveBack(taken: ReadonlyMap<DropReason, number>): void {
    for (const [reason, rows] of taken) this.untold.set(reason, (this.untold.get(reason) ?? 0) + rows);
  }
}
