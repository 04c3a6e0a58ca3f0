import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import type { AppError } from '../../kernel/app-error.js';
import { Log, redact } from '../../observability/log.js';
import { Metrics } from '../../observability/metrics.js';
import type { CallEnd } from '../../platform/journal/call-record.js';
import { EgressClient } from '../../platform/upstream/egress-client.js';

/** What every exchange needs of its surroundings. */
@Injectable()
export class ExchangeTools {
  readonly maxReplyBytes: number;
  readonly keepAliveMs: number;

  constructor(
    readonly client: EgressClient,
    private readonly log: Log,
    private readonly metrics: Metrics,
    config: Config,
  ) {
    this.maxReplyBytes = config.GT_MAX_UPSTREAM_BYTES;
    this.keepAliveMs = config.GT_KEEP_ALIVE_MS;
  }

  /** Logs why a call failed where the caller does not see it. */
  report(error: AppError, requestId: string): void {
    if (error.cause !== undefined)
      this.log.warn('provider call failed', { request_id: requestId, code: error.code, cause: describe(error.cause) });
  }

  /** Counts a call that is over. */
  count(route: string, end: CallEnd): void {
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
