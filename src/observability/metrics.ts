import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** The process's Prometheus metrics. Labels are route ids, states and codes: never tenants, keys or names. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Counter({
    name: 'gt_requests_total',
    help: 'Answered requests by route and status.',
    labelNames: ['route', 'status'],
    registers: [this.registry],
  });

  readonly latency = new Histogram({
    name: 'gt_request_seconds',
    help: 'Time from a request to the end of its reply, by route.',
    labelNames: ['route'],
    buckets: seconds,
    registers: [this.registry],
  });

  readonly calls = new Counter({
    name: 'gt_provider_calls_total',
    help: 'Calls that reached a provider, by route and how they ended.',
    labelNames: ['route', 'state'],
    registers: [this.registry],
  });

  readonly tokens = new Counter({
    name: 'gt_tokens_total',
    help: 'Booked tokens by direction.',
    labelNames: ['direction'],
    registers: [this.registry],
  });

  readonly openStreams = new Gauge({ name: 'gt_open_streams', help: 'Streams that are open now.', registers: [this.registry] });

  readonly authFailures = new Counter({ name: 'gt_auth_failures_total', help: 'Requests refused with 401 or by the failure limiter.', registers: [this.registry] });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
