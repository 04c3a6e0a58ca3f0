import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { BackgroundPlaces } from '../background-runs/background-places.js';

/** While others have requests to make, a tenant has at most this part of the places. */
const shareOfOne = 1 / 4;

/**
 * The places for requests of batches in this worker process. A tenant has all of them while no other has requests to make
 * here, else one in four; what is left over is for who comes next. While half of the places for responses in the background
 * are taken, batches have half of theirs: what somebody follows comes first.
 */
@Injectable()
export class LinePlaces {
  private readonly all: number;
  private readonly held = new Map<string, number>();
  /** Runs that have requests to make, by tenant. */
  private readonly eager = new Map<string, number>();
  private readonly waiting: { readonly tenantId: string; readonly grant: () => void }[] = [];
  private used = 0;

  constructor(
    @Inject(Config) config: Pick<Config, 'GT_BATCH_PLACES'>,
    @Inject(BackgroundPlaces) private readonly background: Pick<BackgroundPlaces, 'isBusy'>,
  ) {
    this.all = config.GT_BATCH_PLACES;
  }

  /** How many runs of this process have requests to make. */
  get runs(): number {
    return [...this.eager.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A run has requests to make, until the function that is given back is called. */
  enter(tenantId: string): () => void {
    this.count(this.eager, tenantId, 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.count(this.eager, tenantId, -1);
      this.grantNext();
    };
  }

  /** What gives the place back; undefined where there is none now. */
  takeNow(tenantId: string): (() => void) | undefined {
    return this.mayHave(tenantId) ? this.hold(tenantId) : undefined;
  }

  /** Resolves with what gives the place back, as soon as there is one; with undefined when the signal comes first. */
  take(tenantId: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const now = this.takeNow(tenantId);
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve) => {
      const waiter = { tenantId, grant: () => end(this.hold(tenantId)) };
      const leave = (): void => end(undefined);
      const end = (place: (() => void) | undefined): void => {
        signal.removeEventListener('abort', leave);
        const at = this.waiting.indexOf(waiter);
        if (at !== -1) this.waiting.splice(at, 1);
        resolve(place);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(waiter);
    });
  }

  private mayHave(tenantId: string): boolean {
    const all = this.background.isBusy ? Math.max(1, Math.floor(this.all / 2)) : this.all;
    const others = this.eager.size > (this.eager.has(tenantId) ? 1 : 0);
    const most = others ? Math.max(1, Math.floor(this.all * shareOfOne)) : all;
    return this.used < all && (this.held.get(tenantId) ?? 0) < most;
  }

  private hold(tenantId: string): () => void {
    this.used += 1;
    this.count(this.held, tenantId, 1);
    return () => {
      this.used -= 1;
      this.count(this.held, tenantId, -1);
      this.grantNext();
    };
  }

  /** Of those that may have a place, the one whose tenant has fewest gets it. */
  private grantNext(): void {
    while (this.waiting.length > 0) {
      const able = this.waiting.filter(({ tenantId }) => this.mayHave(tenantId));
      const [first, ...rest] = able;
      if (first === undefined) return;
      const heldOf = ({ tenantId }: { readonly tenantId: string }): number => this.held.get(tenantId) ?? 0;
      const next = rest.reduce((least, waiter) => (heldOf(waiter) < heldOf(least) ? waiter : least), first);
      next.grant();
    }
  }

  private count(counts: Map<string, number>, tenantId: string, by: 1 | -1): void {
    const count = (counts.get(tenantId) ?? 0) + by;
    if (count > 0) counts.set(tenantId, count);
    else counts.delete(tenantId);
  }
}
