import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Metrics } from '../../observability/metrics.js';
import { DatabaseAwayError } from '../../platform/database/database-away.js';
import { RecordKinds, type RecordKeeper } from '../../platform/journal/record-kinds.js';
import { RequestDrops } from './request-drops.js';
import { isRequest, momentOf, requestKind } from './request-record.js';
import { RequestWriterRepository } from './request-writer.repository.js';

const dayMs = 86_400_000;
/** After rows were refused, those of so long are left out: what is drained beside them must not wait for the log again and again. */
const restMs = 5_000;

/**
 * Carries rows of the request log from the journal to the database. Usage goes the same way: what is wrong with the log must not
 * hold it up, so rows that the database does not take are left out and counted. Only where it is away all wait together.
 */
@Injectable()
export class RequestKeeper implements RecordKeeper, OnModuleInit {
  readonly kind = requestKind;
  private readonly logger = new Logger(RequestKeeper.name);
  private readonly keptMs: number;
  private restsUntil = 0;

  constructor(
    private readonly kinds: RecordKinds,
    private readonly repository: RequestWriterRepository,
    private readonly drops: RequestDrops,
    private readonly metrics: Metrics,
    config: Config,
  ) {
    this.keptMs = config.GT_REQUEST_LOG_DAYS * dayMs;
  }

  onModuleInit(): void {
    this.kinds.register(this);
  }

  reads(columns: readonly unknown[]): boolean {
    return isRequest(columns);
  }

  /** @throws DatabaseAwayError, after which the same rows are given again. */
  async write(texts: readonly string[]): Promise<void> {
    const now = Date.now();
    const kept = texts.filter((text) => {
      const moment = momentOf(text);
      return moment >= now - this.keptMs && moment < now + dayMs;
    });
    if (kept.length < texts.length) this.drops.add('late', texts.length - kept.length);
    if (kept.length === 0) return;
    if (performance.now() < this.restsUntil) this.drops.add('database', kept.length);
    else await this.writeNow(kept);
  }

  private async writeNow(texts: readonly string[]): Promise<void> {
    const untold = this.drops.take();
    try {
      this.metrics.requestLogRows.inc(await this.repository.write(texts, untold));
    } catch (error) {
      this.drops.giveBack(untold);
      if (error instanceof DatabaseAwayError && !isTooSlow(error)) throw error;
      this.drops.add('database', texts.length);
      this.restsUntil = performance.now() + restMs;
      this.logger.error(`${texts.length} rows of the request log are left out: ${(error as Error).message}`);
    }
  }
}

/** The database is there; the statement was ended because it took too long. */
function isTooSlow({ cause }: DatabaseAwayError): boolean {
  return (cause as { code?: unknown } | undefined)?.code === '57014';
}
