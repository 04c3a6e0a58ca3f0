import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { healthOfAll, unused, type ConnectionHealth } from './connection-health.js';

const health: fc.Arbitrary<ConnectionHealth> = fc.record({
  state: fc.constantFrom('closed', 'half_open', 'open'),
  retryAtMs: fc.option(fc.nat()),
  calls: fc.nat(1000),
  failures: fc.nat(1000),
  lastFailure: fc.option(fc.nat().map((atMs) => ({ code: `at ${atMs}`, atMs }))),
});

describe('how a connection fares in all processes', () => {
  it('is the worst of their states, the sum of their calls and the latest of their failures', () => {
    fc.assert(
      fc.property(fc.array(health, { maxLength: 6 }), (each) => {
        const all = healthOfAll(each);
        const states = each.map(({ state }) => state);
        expect(all.state).toBe((['open', 'half_open'] as const).find((state) => states.includes(state)) ?? 'closed');
        expect(all.calls).toBe(each.reduce((sum, { calls }) => sum + calls, 0));
        expect(all.failures).toBe(each.reduce((sum, { failures }) => sum + failures, 0));
        const failed = each.flatMap(({ lastFailure }) => (lastFailure === null ? [] : [lastFailure.atMs]));
        expect(all.lastFailure?.atMs ?? null).toBe(failed.length === 0 ? null : Math.max(...failed));
        const retries = each.flatMap(({ retryAtMs }) => (retryAtMs === null ? [] : [retryAtMs]));
        expect(all.retryAtMs).toBe(retries.length === 0 ? null : Math.max(...retries));
      }),
    );
  });

  it('is that of one where there is one, and unused where there is none', () => {
    expect(healthOfAll([])).toEqual(unused);
    fc.assert(fc.property(health, (one) => expect(healthOfAll([one])).toEqual(one)));
  });
});
