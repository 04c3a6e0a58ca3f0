import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/load-config.js';
import { Log } from '../../../observability/log.js';
import { Metrics } from '../../../observability/metrics.js';
import { brokenOff } from './call-outcome.js';
import type { Circuit } from './circuit.js';
import { ConnectionCircuits, type CircuitRow } from './connection-circuits.js';

function circuitsOf(): { readonly circuits: ConnectionCircuits; readonly metrics: Metrics } {
  const metrics = new Metrics();
  const config = loadConfig({
    DATABASE_URL: 'postgresql://localhost/none',
    GT_SECRET_KEYS: 'test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    GT_LOG_LEVEL: 'silent',
  });
  return { circuits: new ConnectionCircuits(new Log(config), metrics), metrics };
}

const row = (id: string, further: Partial<CircuitRow> = {}): CircuitRow => ({
  tenantId: 'ten_1',
  id,
  baseUrl: 'https://api.example.com/v1',
  proxyUrl: null,
  ca: null,
  limits: { breaker: { failures: 1, rest_seconds: 3600 } },
  ...further,
});

async function fail(circuit: Circuit): Promise<void> {
  const entered = circuit.enter();
  if (entered.refused === undefined) entered.end(brokenOff);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('the circuits of a process', () => {
  it('outlive the times that their connections are read, each tenant its own', async () => {
    const { circuits } = circuitsOf();
    await fail(circuits.of(row('con_1')));
    expect(circuits.of(row('con_1')).state).toBe('open');
    expect(circuits.of(row('con_1', { tenantId: 'ten_2' })).state).toBe('closed');
    expect(circuits.of(row('con_2')).state).toBe('closed');
  });

  it.each([{ baseUrl: 'https://api.example.com/v2' }, { proxyUrl: 'http://proxy.example.com' }, { ca: 'another' }])(
    'begin anew where the provider is asked elsewhere or by another way: %j',
    async (further) => {
      const { circuits } = circuitsOf();
      await fail(circuits.of(row('con_1')));
      expect(circuits.of(row('con_1', further)).state).toBe('closed');
    },
  );

  it('are at most ten thousand; the one that was read longest ago goes', async () => {
    const { circuits } = circuitsOf();
    for (const id of ['con_old', 'con_read']) await fail(circuits.of(row(id)));
    for (let count = 0; count < 9_999; count += 1) {
      circuits.of(row(`con_${count}`));
      if (count === 5_000) circuits.of(row('con_read'));
    }
    expect([...circuits.all()]).toHaveLength(10_000);
    expect(circuits.of(row('con_read')).state).toBe('open');
    expect(circuits.of(row('con_old')).state).toBe('closed');
  });

  it('have series of their own in the metrics for two hundred connections, and one for all others', async () => {
    const { circuits, metrics } = circuitsOf();
    for (let count = 0; count < 230; count += 1) await fail(circuits.of(row(`con_${count}`)));
    const lines = (await metrics.registry.metrics()).split('\n');
    expect(lines.filter((line) => line.startsWith('gt_connection_calls_total{'))).toHaveLength(201);
    expect(lines).toContain('gt_connection_calls_total{connection="con_199",result="failed"} 1');
    expect(lines).toContain('gt_connection_calls_total{connection="other",result="failed"} 30');
    expect(lines.filter((line) => line.startsWith('gt_connection_state{'))).toHaveLength(201);
    expect(lines).toContain('gt_connection_state{connection="other"} 2');
  });
});
