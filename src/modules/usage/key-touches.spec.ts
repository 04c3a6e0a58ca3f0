import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyTouches } from './key-touches.js';

const touch = fc.record({
  tenantId: fc.constantFrom('ten_a', 'ten_b'),
  keyId: fc.constantFrom('key_a', 'key_b'),
  route: fc.option(fc.constantFrom('models.list', 'key.get'), { nil: undefined }),
  dataset: fc.option(fc.constantFrom('ds_1', 'ds_2'), { nil: undefined }),
});
const touches = fc.array(fc.tuple(touch, fc.nat()), { maxLength: 30 });

describe('KeyTouches', () => {
  it('counts each thing that a key used, with its first and last time, whatever is taken and put back in between', () => {
    fc.assert(
      fc.property(touches, fc.nat({ max: 30 }), (all, takenAfter) => {
        const counted = new KeyTouches();
        all.forEach(([one, at], place) => {
          if (place === takenAfter) for (const entry of counted.take()) counted.merge(entry);
          counted.add(one, at);
        });
        for (const entry of counted.take()) {
          const times = all
            .filter(([one]) => one.tenantId === entry.tenantId && one.keyId === entry.keyId)
            .filter(([one]) => (entry.kind === 'route' ? one.route : one.dataset) === entry.value)
            .map(([, at]) => at);
          expect([entry.calls, entry.firstAtMs, entry.lastAtMs]).toEqual([times.length, Math.min(...times), Math.max(...times)]);
        }
      }),
    );
  });

  it('forgets what was taken', () => {
    const counted = new KeyTouches();
    counted.add({ tenantId: 'ten_a', keyId: 'key_a', route: 'key.get', endpoint: 'e', dataset: 'd' }, 1);
    expect(counted.take().map((entry) => entry.kind)).toEqual(['route', 'endpoint', 'dataset']);
    expect(counted.take()).toEqual([]);
  });
});
