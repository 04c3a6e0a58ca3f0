import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

describe('metrics', () => {
  it('print what was counted in the form of Prometheus, any number of times', async () => {
    const metrics = new Metrics();
    metrics.requests.add('chat.completions.create', 200);
    metrics.requests.add('chat.completions.create', 200);
    metrics.requests.add('none', 404);
    metrics.tokens.add('input', undefined, 42);
    metrics.latency.observe('none', 0.02);
    metrics.latency.observe('none', 0.3);
    metrics.latency.observe('none', 1000);
    await metrics.registry.metrics();
    const text = await metrics.registry.metrics();
    expect(text).toContain('gt_requests_total{route="chat.completions.create",status="200"} 2');
    expect(text).toContain('gt_requests_total{route="none",status="404"} 1');
    expect(text).toContain('gt_tokens_total{direction="input"} 42');
    expect(text).toContain('gt_request_seconds_bucket{le="0.01",route="none"} 0');
    expect(text).toContain('gt_request_seconds_bucket{le="0.025",route="none"} 1');
    expect(text).toContain('gt_request_seconds_bucket{le="0.5",route="none"} 2');
    expect(text).toContain('gt_request_seconds_bucket{le="+Inf",route="none"} 3');
    expect(text).toContain('gt_request_seconds_count{route="none"} 3');
    expect(text).toContain('gt_request_seconds_sum{route="none"} 1000.32');
  });
});
