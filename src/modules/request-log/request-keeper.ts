import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Metrics } from '../../observability/metrics.js';
import { DatabaseAwayError } from '../../platform/database/database-away.js';
import { RecordKinds, type RecordKeeper } from '../../platform/journal/record-kinds.js';
import { RequestDrops } from './request-drops.js';
import { isBlock, readBlock, requestsKind, within, type RequestBlock } from './request-block.js';
import { RequestWriterRepository } from './request-writer.repository.js';

const dayMs = 86_400_000;
/** After rows were refused, those of so long are left out: what is drained beside them must not wait for the log again and again. */
const restMs = 5_000;
/** One statement has about so many rows at most: a killed process may leave many. */
const rowsAtOnce = 2_000;

/**
 * Carries rows of the request log from the journal to the database. Usage goes the same way: what is wrong with the log must not
 * hold it up, so rows that the database does not take are left out and counted. Only where it is away all wait together.
 */
@Injectable()
export class RequestKeeper implements RecordKeeper, OnModuleInit {
  readonly kind = requestsKind;
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
    return isBlock(columns);
  }

  /** @throws DatabaseAwayError, after which the same records are given again. */
  async write(texts: readonly string[]): Promise<void> {
    const now = Date.now();
    let portion: RequestBlock[] = [];
    let rows = 0;
    for (const text of texts) {
      const given = readBlock(text);
      const block = within(given, now - this.keptMs, now + dayMs);
      const late = given.count - (block?.count ?? 0);
      if (late > 0) this.drops.add('late', late);
      if (block === undefined) continue;
      portion.push(block);
      rows += block.count;
      if (rows < rowsAtOnce) continue;
      await this.writePortion(portion, rows);
      portion = [];
      rows = 0;
    }
    if (rows > 0) await this.writePortion(portion, rows);
  }

  private async writePortion(blocks: readonly RequestBlock[], rows: number): Promise<void> {
    if (performance.now() < this.restsUntil) return this.drops.add('database', rows);
    const untold = this.drops.take();
    try {
      this.metrics.requestLogRows.inc(await this.repository.write(blocks, untold));
    } catch (error) {
      this.drops.giveBack(untold);
      if (error instanceof DatabaseAwayError && !isTooSlow(error)) throw error;
      this.drops.add('database', rows);
      this.restsUntil = performance.now() + restMs;
      this.logger.error(`${rows} rows of the request log are left out: ${(error as Error).message}`);
    }
  }
}

/** The database is there; the statement was ended because it took too long. */
function isTooSlow({ cause }: DatabaseAwayError): boolean {
  return (cause as { code?: unknown } | undefined)?.code === '57014';
}
