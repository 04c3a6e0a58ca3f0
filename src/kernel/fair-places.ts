import { ShareBudget, shareOf, usualSharePercent } from './share-budget.js';

export interface PlaceBounds {
  /** How many places there are. */
  readonly places: number;
  /** What part of them is one holder's share, from 1 to 100; a share is at least one place. */
  readonly sharePercent?: number | undefined;
  /** How many may wait at once; of them a holder has its share, as in ShareBudget. */
  readonly maxWaiting: number;
  /** How long one waits at most, in milliseconds. */
  readonly waitMs: number;
}

/** Why nobody waits any more: there was no room in the line, or no place in time. */
export type NoPlace = 'full' | 'late';

/** Who waits for a place. Exactly one of the two is called, once; from `granted` on the place is held. */
export interface PlaceWaiter {
  granted(): void;
  refused(why: NoPlace): void;
}

interface Waiting {
  readonly waiter: PlaceWaiter;
  readonly timer: NodeJS.Timeout;
}

/**
 * Places of one process that several holders (tenants) share, and for which they can wait.
 *
 * The rule.
 * 1. Within its share a holder may take any free place.
 * 2. Beyond its share it may take a place only when nobody waits who is within its share, and only so that a share stays free
 *    for those who are within theirs. While a process has seen only one holder, nothing is kept free.
 * 3. Holders that wait are served in turn, those within their share first; the waiters of one holder in their order.
 *
 * What follows. A place that may be had is never left empty while somebody waits for it. A holder within its share waits only
 * while others within theirs have what was kept free, or for the first place that one who was alone leaves. Whoever is beyond
 * its share falls back within it when it leaves places, so nobody waits for ever. With a share of half the places or more
 * nobody goes beyond it, and a share of 100 percent means that all are served as they come.
 */
export class FairPlaces {
  private readonly held = new Map<string, number>();
  private readonly lines = new Map<string, Set<Waiting>>();
  private readonly share: number;
  private readonly kept: number;
  private readonly line: ShareBudget;
  private used = 0;
  private first: string | undefined;
  private hasSeveral = false;

  constructor(private readonly bounds: PlaceBounds) {
    const { places, sharePercent = usualSharePercent, maxWaiting } = bounds;
    this.share = Math.min(places, shareOf(places, sharePercent));
    this.kept = Math.min(this.share, places - this.share);
    this.line = new ShareBudget(maxWaiting, sharePercent);
  }

  /** Places that are taken. */
  get taken(): number {
    return this.used;
  }

  /** How many wait. */
  get waiting(): number {
    return this.line.heldBytes;
  }

  /** Takes a place, or says false where there is none for this holder now. Each place is left once. */
  take(holder: string): boolean {
    if (!this.hasSeveral) this.meet(holder);
    const held = this.held.get(holder) ?? 0;
    if (this.used >= this.limitOf(held)) return false;
    this.held.set(holder, held + 1);
    this.used += 1;
    return true;
  }

  /** Waits for a place. @returns what ends the waiting without a word; once the place is granted or refused it does nothing. */
  wait(holder: string, waiter: PlaceWaiter): () => void {
    if (this.take(holder)) {
      waiter.granted();
      return () => undefined;
    }
    if (!this.line.take(holder, 1)) {
      waiter.refused('full');
      return () => undefined;
    }
    const end = (): boolean => this.end(holder, waiting);
    const timer = setTimeout(() => {
      if (end()) waiter.refused('late');
    }, this.bounds.waitMs);
    const waiting = { waiter, timer };
    const line = this.lines.get(holder);
    if (line === undefined) this.lines.set(holder, new Set([waiting]));
    else line.add(waiting);
    return () => void end();
  }

  /**
   * Runs the work in a place, as soon as there is one. @param fault what is thrown where there is none.
   * @throws besides, what the work throws.
   */
  async run<T>(holder: string, work: () => Promise<T>, fault: (why: NoPlace) => Error): Promise<T> {
    if (!this.take(holder))
      await new Promise<void>((granted, reject) => {
        this.wait(holder, { granted, refused: (why) => reject(fault(why)) });
      });
    try {
      return await work();
    } finally {
      this.leave(holder);
    }
  }

  /** Leaves a place that was taken or granted. Whoever is next is granted one before this returns. */
  leave(holder: string): void {
    const held = this.held.get(holder) ?? 0;
    if (held === 0) return;
    if (held === 1) this.held.delete(holder);
    else this.held.set(holder, held - 1);
    this.used -= 1;
    if (this.lines.size > 0) this.serve();
  }

  private meet(holder: string): void {
    this.first ??= holder;
    this.hasSeveral = holder !== this.first;
  }

  /** Up to how many places a holder of so many may take one more. */
  private limitOf(held: number): number {
    const { places } = this.bounds;
    return held < this.share || !this.hasSeveral ? places : places - this.kept;
  }

  private serve(): void {
    for (let holder = this.next(); holder !== undefined; holder = this.next()) {
      const line = this.lines.get(holder);
      const [waiting] = line ?? [];
      if (line === undefined || waiting === undefined || !this.take(holder)) return;
      this.end(holder, waiting);
      // Its next one waits behind the others.
      if (line.size > 0) {
        this.lines.delete(holder);
        this.lines.set(holder, line);
      }
      waiting.waiter.granted();
    }
  }

  /** Whose turn it is; undefined where none of those who wait may have a place. */
  private next(): string | undefined {
    let beyond: string | undefined;
    for (const holder of this.lines.keys()) {
      const held = this.held.get(holder) ?? 0;
      if (this.used >= this.limitOf(held)) continue;
      if (held < this.share) return holder;
      beyond ??= holder;
    }
    return beyond;
  }

  /** @returns whether it waited until now. */
  private end(holder: string, waiting: Waiting): boolean {
    const line = this.lines.get(holder);
    if (line?.delete(waiting) !== true) return false;
    if (line.size === 0) this.lines.delete(holder);
    clearTimeout(waiting.timer);
    this.line.giveBack(holder, 1);
    return true;
  }
}
