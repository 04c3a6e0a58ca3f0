import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { JobLaterError } from './job-run.js';
import { TenantPlaces } from './tenant-places.js';

const shares = { all: 16, ofOne: 12, spare: 2 };

/** Places as a worker uses them: what cannot be taken within its time is put off. */
class Worker {
  private readonly places = new TenantPlaces(shares);
  private readonly held: { readonly tenant: string; readonly leave: () => void }[] = [];

  get used(): number {
    return this.held.length;
  }

  of(tenant: string): number {
    return this.held.filter((place) => place.tenant === tenant).length;
  }

  /** @returns whether the tenant got a place. */
  async take(tenant: string): Promise<boolean> {
    const taken = this.places.take(tenant).then(
      (leave) => this.held.push({ tenant, leave }) > 0,
      (error: unknown) => {
        if (error instanceof JobLaterError) return false;
        throw error;
      },
    );
    await jest.advanceTimersByTimeAsync(1_000);
    return taken;
  }

  leave(at: number): void {
    const [place] = this.held.splice(at % Math.max(1, this.held.length), 1);
    place?.leave();
  }
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('the places of a worker', () => {
  it('of which two tenants together leave two to the others, and each other one gets one of these', async () => {
    const worker = new Worker();
    for (let at = 0; at < 20; at += 1) await worker.take(at % 2 === 0 ? 'a' : 'b');
    expect([worker.used, worker.of('a'), worker.of('b')]).toEqual([14, 7, 7]);
    expect([await worker.take('c'), await worker.take('c'), await worker.take('d')]).toEqual([true, false, true]);
  });

  it('are given by the rule, whoever takes and leaves in whatever order', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ take: fc.constantFrom('a', 'b', 'c', 'd') }) },
      { weight: 1, arbitrary: fc.record({ leave: fc.nat(15) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const worker = new Worker();
        for (const next of steps) {
          if ('leave' in next) worker.leave(next.leave);
          else if (worker.used < shares.all) {
            const [own, used] = [worker.of(next.take), worker.used];
            const may = own === 0 || (own < shares.ofOne && used < shares.all - shares.spare);
            expect(await worker.take(next.take)).toBe(may);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('wake who waits for one of the common places when any tenant leaves one', async () => {
    const places = new TenantPlaces(shares);
    const leaves: (() => void)[] = [];
    for (let at = 0; at < 14; at += 1) leaves.push(await places.take(at % 2 === 0 ? 'a' : 'b'));
    let isTaken = false;
    const waiting = places.take('a').then(() => (isTaken = true));
    await jest.advanceTimersByTimeAsync(100);
    expect(isTaken).toBe(false);
    leaves[1]?.();
    await waiting;
    expect(isTaken).toBe(true);
  });
});
