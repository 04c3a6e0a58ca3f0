import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { Config } from '../../../config/config.module.js';
import type { AppError } from '../../../kernel/app-error.js';
import { ShareBudget } from '../../../kernel/share-budget.js';
import { Log, redact } from '../../../observability/log.js';
import { Metrics } from '../../../observability/metrics.js';
import type { CallEnd } from '../../../platform/journal/call-record.js';
import { ModelClient } from '../../../platform/ai-sdk/model-client.js';
import { AddressFetcher } from '../../../platform/upstream/address-fetcher.js';
import { EgressClient } from '../../../platform/upstream/egress-client.js';
import type { ConnectionTarget } from '../../agents/connection-target.js';

/** How long a stopping process waits for the calls that were just broken off to be booked: their tokens may have to be counted. */
const stopMs = 10_000;

/** What every exchange needs of its surroundings. */
@Injectable()
export class ExchangeTools implements BeforeApplicationShutdown {
  readonly maxReplyBytes: number;
  readonly keepAliveMs: number;
  /** Replies that are held in memory, of all calls of this process. */
  readonly replies: ShareBudget;
  /** Calls that are not booked yet. */
  private open = 0;

  constructor(
    readonly client: EgressClient,
    readonly addresses: AddressFetcher,
    private readonly models: ModelClient,
    private readonly log: Log,
    private readonly metrics: Metrics,
    config: Config,
  ) {
    this.maxReplyBytes = config.GT_MAX_UPSTREAM_BYTES;
    this.keepAliveMs = config.GT_KEEP_ALIVE_MS;
    this.replies = new ShareBudget(config.GT_MAX_REPLIES_BYTES, config.GT_TENANT_SHARE_PERCENT);
  }

  /** Who makes the calls over a connection: the egress client itself, or a package that calls through it. */
  clientOf(connection: ConnectionTarget): Pick<EgressClient, 'dispatch'> {
    return this.models.clientOf(connection);
  }

  /** A call begins, which `count` will end. */
  begin(): void {
    this.open += 1;
  }

  /** All connections are closed: what was broken off is booked with its tokens before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const deadline = performance.now() + stopMs; this.open > 0 && performance.now() < deadline;) await wait(10);
  }

  /** Logs why a call failed where the caller does not see it. */
  report(error: AppError, requestId: string): void {
    if (error.cause !== undefined)
      this.log.warn('provider call failed', { request_id: requestId, code: error.code, cause: describe(error.cause) });
  }

  /** Counts a call that is over. */
  count(route: string, end: CallEnd): void {
    this.open -= 1;
    this.metrics.calls.add(route, end.state);
    this.metrics.tokens.add('input', undefined, end.inputTokens);
    this.metrics.tokens.add('output', undefined, end.outputTokens);
  }
}

/** An error's code says enough; its text would name the provider's host. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return redact(String(cause));
  return `${cause.name}: ${(cause as NodeJS.ErrnoException).code ?? redact(cause.message)}`;
}
