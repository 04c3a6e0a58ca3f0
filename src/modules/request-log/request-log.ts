import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { RefusalFolds, type FoldedRefusals } from './refusal-folds.js';
import { RequestDrops } from './request-drops.js';
import { blockLine } from './request-block.js';
import type { RequestFacts } from './request-record.js';

/** How long rows are gathered before they go to the journal in one piece. A kill -9 loses no more than that. */
const gatherMs = 100;
/** More calls than that do not wait. */
const mostGathered = 1_000;
/** While so many records wait for the database, those that come are left out: usage must find room. */
export const mostWaiting = 20_000;

/**
 * Takes a row for each call of a key when the call is over. It never refuses, delays or fails a call: nothing is waited for, and where
 * the journal has no room the row is left out and counted. Rows are put into words many at a time, which costs half of what one by one
 * does.
 */
@Injectable()
export class RequestLog implements BeforeApplicationShutdown {
  private readonly isOn: boolean;
  private readonly folds = new RefusalFolds();
  private gathered: RequestFacts[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly journal: CallJournal,
    private readonly drops: RequestDrops,
    config: Config,
  ) {
    this.isOn = config.GT_REQUEST_LOG_DAYS > 0;
  }

  /**
   * Takes a call that is over. While calls to providers of it are not booked, their tokens are waited for.
   * @returns false when it gets no row of its own.
   */
  add(facts: RequestFacts): boolean {
    if (!this.isOn) return false;
    const { sums } = facts;
    if (sums?.whenAllEnded(() => this.gather(facts)) === true) return true;
    if (sums === undefined && facts.status >= 400 && this.folds.take(facts, Date.now())) {
      this.schedule();
      return false;
    }
    this.gather(facts);
    return true;
  }

  /** What comes from here on goes to the journal at once: it is closed soon. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.flush(Infinity);
  }

  private gather(facts: RequestFacts): void {
    this.gathered.push(facts);
    if (this.isStopping || this.gathered.length >= mostGathered) this.flush(Date.now());
    else this.schedule();
  }

  private schedule(): void {
    if (this.isStopping) this.flush(Infinity);
    else this.timer ??= setTimeout(() => this.flush(Date.now()), gatherMs).unref();
  }

  private flush(nowMs: number): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { gathered } = this;
    this.gathered = [];
    const folded = this.folds.ended(nowMs);
    if (gathered.length + folded.length > 0) this.handOn(gathered, folded);
    if (!this.folds.isEmpty) this.schedule();
  }

  private handOn(gathered: readonly RequestFacts[], folded: readonly FoldedRefusals[]): void {
    const rows = gathered.length + folded.length;
    if (!this.journal.healthy()) return this.drops.add('disk', rows);
    if (this.journal.counts().undrainedInMemory >= mostWaiting) return this.drops.add('backlog', rows);
    this.journal.recordLines(blockLine(gathered, folded), rows);
  }
}
