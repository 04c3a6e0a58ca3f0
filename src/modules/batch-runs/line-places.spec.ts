import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LinePlaces } from './line-places.js';

const never = new AbortController().signal;
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

/** Takes as many places as it gets, and counts them. */
class Tenant {
  held: (() => void)[] = [];
  private wanted = 0;

  constructor(
    private readonly places: LinePlaces,
    readonly id: string,
  ) {}

  async want(count: number): Promise<void> {
    for (; this.wanted < count; this.wanted += 1)
      void this.places.take(this.id, never).then((leave) => {
        if (leave !== undefined) this.held.push(leave);
      });
    await settled();
  }

  async leaveOne(): Promise<void> {
    this.held.shift()?.();
    await settled();
  }
}

describe('the places for requests of batches', () => {
  it('are all for a tenant that is alone, one in four while another has requests, and all again afterwards', async () => {
    const places = new LinePlaces({ GT_BATCH_PLACES: 8 }, { isBusy: false });
    const [one, other] = [new Tenant(places, 'one'), new Tenant(places, 'other')];
    places.enter('one');
    await one.want(20);
    expect(one.held).toHaveLength(8);
    const leave = places.enter('other');
    await other.want(5);
    expect(other.held).toHaveLength(0);
    await one.leaveOne();
    await one.leaveOne();
    expect([one.held.length, other.held.length]).toEqual([6, 2]);
    for (let left = 0; left < 5; left += 1) await one.leaveOne();
    expect([one.held.length, other.held.length]).toEqual([2, 2]);
    leave();
    await settled();
    expect(one.held.length + other.held.length).toBe(8);
  });

  it('are half as many while others of the worker are busy', async () => {
    const places = new LinePlaces({ GT_BATCH_PLACES: 8 }, { isBusy: true });
    const one = new Tenant(places, 'one');
    places.enter('one');
    await one.want(8);
    expect(one.held).toHaveLength(4);
  });

  it('are never more than there are, nor lost', async () => {
    const step = fc.tuple(fc.nat(3), fc.constantFrom('want', 'leave', 'enter', 'exit'));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 60 }), async (all, steps) => {
        const places = new LinePlaces({ GT_BATCH_PLACES: all }, { isBusy: false });
        const tenants = Array.from({ length: 4 }, (_one, at) => new Tenant(places, `t${at}`));
        const exits: (() => void)[][] = tenants.map(() => []);
        const wants = tenants.map(() => 0);
        for (const [at, what] of steps) {
          const tenant = tenants[at] as Tenant;
          if (what === 'want') await tenant.want((wants[at] = (wants[at] ?? 0) + 3));
          else if (what === 'leave') await tenant.leaveOne();
          else if (what === 'enter') exits[at]?.push(places.enter(tenant.id));
          else exits[at]?.pop()?.();
          await settled();
          expect(tenants.reduce((sum, { held }) => sum + held.length, 0)).toBeLessThanOrEqual(all);
        }
        for (const exit of exits.flat()) exit();
        for (let round = 0; round < 400 && tenants.some(({ held }) => held.length > 0); round += 1)
          for (const tenant of tenants) await tenant.leaveOne();
        await tenants[0]?.want((wants[0] ?? 0) + all);
        expect(tenants[0]?.held).toHaveLength(all);
      }),
      { numRuns: 50 },
    );
  });

  it('are waited for no longer than the signal says', async () => {
    const places = new LinePlaces({ GT_BATCH_PLACES: 1 }, { isBusy: false });
    const leave = await places.take('one', never);
    const stop = new AbortController();
    const waiting = places.take('one', stop.signal);
    stop.abort();
    expect(await waiting).toBeUndefined();
    leave?.();
    expect(await places.take('one', never)).toBeDefined();
  });
});
