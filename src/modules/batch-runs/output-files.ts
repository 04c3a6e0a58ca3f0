import { Injectable } from '@nestjs/common';
import { once } from 'node:events';
import { Config } from '../../config/config.module.js';
import { faultPoint } from '../../platform/fault-point.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { clearLines } from './clear-lines.js';
import { BatchLinesRepository, type OtherLine } from '../batches/batch-lines.repository.js';
import { LostBatchError } from '../batches/batch-record.js';
import { BatchesRepository } from '../batches/batches.repository.js';
import { ContentHolds } from '../files/intake/content-holds.js';
import { MadeFiles, type MadeFileWriter } from '../files/tenant/made-files.service.js';
import type { BatchRun } from './open-batch-runs.js';
import { leftOver, unmadeLine } from './output-line.js';

type Which = 'output' | 'error';

/** Some lines of a file, up to the one with the number `last`. */
interface Part {
  readonly last: number;
  readonly text: string;
}

/**
 * Ends a batch whose requests have all ended: writes what went well into one file and all else into another, both in the order
 * of the input, each with its row in one commit. What is done already is not done again.
 */
@Injectable()
export class OutputFiles {
  constructor(
    private readonly database: TenantDatabase,
    private readonly batches: BatchesRepository,
    private readonly lines: BatchLinesRepository,
    private readonly files: MadeFiles,
    private readonly holds: ContentHolds,
    private readonly config: Config,
  ) {}

  /** @throws LostBatchError, the signal's reason, AppError overloaded. */
  async write(run: BatchRun, signal: AbortSignal): Promise<void> {
    this.reach('batch.before-files');
    // Of requests of which not all were read nothing is told.
    const wasBegun = run.batch.inProgressAt !== null;
    if (!wasBegun) await clearLines(this.database, this.lines, run.batch);
    if (run.batch.errorFileId === null) await this.writeErrors(run, signal);
    await this.writeOutput(run, signal);
    this.reach('batch.after-files');
  }

  private async writeErrors(run: BatchRun, signal: AbortSignal): Promise<void> {
    const { completed, total } = run.batch;
    // Where all went well there is nothing to look for.
    const writer = completed === total ? undefined : await this.fill(run, 'error', signal);
    this.reach('batch.after-content');
    await writer?.commit(async (tx, { id }) => {
      await this.lines.holdRun(tx, run.batch, run.id);
      await this.batches.keepErrorFile(tx, run.batch, id);
    });
    this.reach('batch.after-errors');
  }

  private async writeOutput(run: BatchRun, signal: AbortSignal): Promise<void> {
    const { batch } = run;
    const writer = await this.fill(run, 'output', signal);
    const end = async (tx: Parameters<typeof this.batches.end>[0], id: string | null): Promise<void> => {
      await this.lines.holdRun(tx, batch, run.id);
      await this.batches.end(tx, batch, id);
      await this.holds.release(tx, batch.tenantId, batch.id);
    };
    if (writer === undefined) await this.database.run(batch.tenantId, (tx) => end(tx, null));
    else await writer.commit((tx, { id }) => end(tx, id));
  }

  /** The file with all of its lines, not yet committed; undefined where it would have none. While a part is written, the next is read. */
  private async fill(run: BatchRun, which: Which, signal: AbortSignal): Promise<MadeFileWriter | undefined> {
    let writer: MadeFileWriter | undefined;
    let next = this.part(run, which, 0);
    try {
      for (;;) {
        const part = await next;
        signal.throwIfAborted();
        if (run.isLost) throw new LostBatchError();
        if (part === undefined) return writer;
        next = this.part(run, which, part.last);
        // It is waited for after what is written now, which may fail first.
        next.catch(() => undefined);
        writer ??= await this.begin(run, which);
        if (!writer.stream.write(part.text)) await once(writer.stream, 'drain');
      }
    } catch (error) {
      await writer?.abort();
      throw error;
    }
  }

  /** The next lines of a file behind a number, as its text; undefined where there are no more. */
  private async part({ batch }: BatchRun, which: Which, after: number): Promise<Part | undefined> {
    if (which === 'output') {
      const { last, text } = await this.database.runPlain(batch.tenantId, (tx) => this.lines.answeredPage(tx, batch, after));
      return last === null ? undefined : { last, text: `${text ?? ''}\n` };
    }
    const page = await this.database.run(batch.tenantId, (tx) => this.lines.otherPage(tx, batch, after));
    const last = page.at(-1);
    const textOf = ({ customId, answer }: OtherLine): string => answer ?? unmadeLine(customId, leftOver[batch.endsAs]);
    return last && { last: last.number, text: page.map((line) => `${textOf(line)}\n`).join('') };
  }

  private begin({ batch }: BatchRun, which: Which): Promise<MadeFileWriter> {
    const { outputSeconds } = batch;
    return this.files.begin(batch.tenantId, {
      purpose: 'batch_output',
      filename: `${batch.id}_${which}.jsonl`,
      mediaType: 'application/jsonl',
      keyId: batch.keyId,
      expiresAt: outputSeconds === null ? null : new Date(Date.now() + outputSeconds * 1000),
    });
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}
