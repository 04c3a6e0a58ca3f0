import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { LatencyHistogram } from './latency-histogram.js';
import { Tally } from './tally.js';

/** The process's Prometheus metrics. Labels are route ids, states, codes and ids of connections: never tenants, keys or names. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Tally(this.registry, 'gt_requests_total', 'Answered requests by route and status.', [
    'route',
    'status',
  ]);

  readonly latency = new LatencyHistogram(
    this.registry,
    'gt_request_seconds',
    'Time from a request to the end of its reply, by route.',
  );

  readonly calls = new Tally(
    this.registry,
    'gt_provider_calls_total',
    'Calls that reached a provider, by route and how they ended.',
    ['route', 'state'],
  );

  readonly tokens = new Tally(this.registry, 'gt_tokens_total', 'Booked tokens by direction.', ['direction']);

  readonly connectionCalls = new Tally(
    this.registry,
    'gt_connection_calls_total',
    'Calls over connections by how they came out: ok, failed, left by the platform or its client, or refused by its limits.',
    ['connection', 'result'],
  );

  readonly limitRefusals = new Tally(
    this.registry,
    'gt_limit_refusals_total',
    'Calls that a limit refused, by what it counts and whose it is.',
    ['limit', 'of'],
  );

  readonly limitTokens = new Tally(
    this.registry,
    'gt_limit_tokens_total',
    'Tokens of calls with a limit of tokens: reserved before them, and settled when they ended.',
    ['step'],
  );

  readonly budgetRefusals = new Tally(
    this.registry,
    'gt_budget_refusals_total',
    'Calls that a budget refused: it is spent, reserved by others, cannot count them (unpriced), or cannot be asked (away); and whose it is.',
    ['reason', 'of'],
  );

  readonly budgetAmounts = new Tally(
    this.registry,
    'gt_budget_amounts_total',
    'What calls have reserved of budgets, and what they took: micro-units of a currency, or tokens.',
    ['step', 'unit'],
  );

  readonly unpricedCalls = new Tally(
    this.registry,
    'gt_unpriced_calls_total',
    'Calls that began without a price: there is none (no_price), or prices could not be read (unread).',
    ['reason'],
  );

  readonly requestLogRows = new Counter({
    name: 'gt_request_log_rows_total',
    help: 'Rows of the request log that were written to the database.',
    registers: [this.registry],
  });

  readonly requestLogDropped = new Tally(
    this.registry,
    'gt_request_log_dropped_total',
    'Rows of the request log that were left out: too much waits for the database (backlog), the disk refuses (disk), the database refuses them or is too slow (database), they are too old (late). bodies: calls whose bodies were not kept.',
    ['reason'],
  );

  readonly openStreams = new Gauge({ name: 'gt_open_streams', help: 'Streams that are open now.', registers: [this.registry] });

  readonly authFailures = new Counter({
    name: 'gt_auth_failures_total',
    help: 'Requests refused with 401 or by the failure limiter.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** The same of several things. @param label what names them. @param read never rejects; a scrape waits for it. */
  watchEach(
    name: string,
    help: string,
    label: string,
    read: () => ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      async collect() {
        const numbers = await read();
        this.reset();
        for (const [value, number] of numbers) this.set({ [label]: value }, number);
      },
    });
  }

  /** A number that somebody else keeps, asked for when somebody scrapes. @param name with its unit last, as Prometheus has it. */
  watch(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
