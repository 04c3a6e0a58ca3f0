import { Injectable } from '@nestjs/common';
import { batchBounds, type BatchError } from '../../contracts/batches.js';
import { Config } from '../../config/config.module.js';
import { faultPoint } from '../../platform/fault-point.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { BatchHandoversRepository } from '../batches/batch-handovers.repository.js';
import { BatchLinesRepository, type ReadLine } from '../batches/batch-lines.repository.js';
import { LostBatchError } from '../batches/batch-record.js';
import { BatchesRepository } from '../batches/batches.repository.js';
import { ContentHolds } from '../files/intake/content-holds.js';
import { clearLines } from './clear-lines.js';
import { HandoverChoice } from './handing/handover-choice.js';
import { linesOf, type TextLine } from './jsonl-lines.js';
import type { BatchRun } from './open-batch-runs.js';
import { refusedLine } from './output-line.js';
import { readRequest } from './read-request.js';

/** So many requests are stored in one statement. */
const mostOfGroup = 1_000;
/** With so many names of models a batch has more than one agent, however they are spelled. */
const mostModels = 16;
/** What stands around the body in a line. */
const aroundBody = 64 * 1024;

/** A request with the model that it names. */
interface NamingLine extends ReadLine {
  readonly model: string | undefined;
}

/**
 * Reads the input of a batch, line by line: all of its requests are known then, or all that is wrong with it, and whether its
 * provider makes it.
 */
@Injectable()
export class InputCheck {
  constructor(
    private readonly database: TenantDatabase,
    private readonly store: ObjectStore,
    private readonly batches: BatchesRepository,
    private readonly lines: BatchLinesRepository,
    private readonly holds: ContentHolds,
    private readonly handovers: BatchHandoversRepository,
    private readonly choice: HandoverChoice,
    private readonly config: Config,
  ) {}

  /** @throws LostBatchError, the signal's reason, AppError overloaded when the storage does not answer. */
  async check(run: BatchRun, signal: AbortSignal): Promise<void> {
    // Of a run that died here.
    await clearLines(this.database, this.lines, run.batch);
    const models = new Set<string | undefined>();
    const errors = await this.read(run, signal, models);
    const place = run.batch;
    await this.addRepeated(run, errors);
    if (errors.length === 0) {
      const handover = await this.choice.of(run.batch, models);
      await this.inRun(run, (tx) =>
        handover === undefined ? this.batches.begin(tx, place) : this.handovers.insert(tx, place, handover),
      );
      faultPoint(this.config.GT_FAULT_POINT, 'batch.after-check');
    } else {
      await this.inRun(run, async (tx) => {
        await this.batches.fail(tx, place, errors);
        await this.holds.release(tx, place.tenantId, place.id);
      });
    }
  }

  /** @param models is given the models that requests name, and undefined where one names none; not all where they are many. */
  private async read(run: BatchRun, signal: AbortSignal, models: Set<string | undefined>): Promise<BatchError[]> {
    const { batch } = run;
    if (batch.inputBytes > batchBounds.bytes)
      return [errorOf('file_too_large', null, `The file has more than ${batchBounds.bytes} bytes.`)];
    const errors: BatchError[] = [];
    const group: ReadLine[] = [];
    let count = 0;
    const content = await this.store.openRead(batch.storageKey);
    if (content === undefined) return [errorOf('file_not_found', null, 'The content of the input file is gone.')];
    for await (const line of linesOf(content, this.config.GT_MAX_JSON_BYTES + aroundBody)) {
      signal.throwIfAborted();
      // Cancelled, or over: nobody asks for the rest.
      if (run.isLost || run.status !== 'validating') return errors;
      count += 1;
      if (count > batchBounds.lines) {
        errors.push(errorOf('too_many_lines', line.number, `The file has more than ${batchBounds.lines} requests.`));
        break;
      }
      const found = this.readLine(line, run);
      if ('code' in found) errors.push(found);
      else {
        group.push(found);
        if (found.refusal === undefined && models.size < mostModels) models.add(found.model);
      }
      if (errors.length >= batchBounds.listedErrors) break;
      if (group.length >= mostOfGroup) await this.insert(run, group.splice(0));
    }
    if (count === 0) errors.push(errorOf('empty_file', null, 'The file has no requests.'));
    else await this.insert(run, group);
    return errors;
  }

  private readLine({ number, offset, bytes }: TextLine, { batch }: BatchRun): NamingLine | BatchError {
    if (bytes === undefined) return errorOf('line_too_long', number, 'The line is longer than a request may be.');
    const found = readRequest(bytes, batch.endpoint);
    if ('code' in found) return { ...found, line: number };
    const { customId, bodyStart, bodyBytes, model, refusal } = found;
    if (bodyBytes > this.config.GT_MAX_JSON_BYTES)
      return errorOf('line_too_long', number, 'The body is longer than that of a request may be.');
    return {
      number,
      customId,
      bodyOffset: offset + bodyStart,
      bodyBytes,
      model,
      refusal: refusal === undefined ? undefined : refusedLine(customId, refusal),
    };
  }

  private async insert(run: BatchRun, group: readonly ReadLine[]): Promise<void> {
    if (group.length > 0) await this.inRun(run, (tx) => this.lines.insert(tx, run.batch, group));
    faultPoint(this.config.GT_FAULT_POINT, 'batch.after-lines');
  }

  /** Puts repetitions among what else is wrong, in the order of the lines: the first of all that can be listed. */
  private async addRepeated(run: BatchRun, errors: BatchError[]): Promise<void> {
    const repeated = await this.inRun(run, (tx) => this.lines.repeated(tx, run.batch, batchBounds.listedErrors));
    for (const { number, customId } of repeated)
      errors.push({
        code: 'duplicate_custom_id',
        line: number,
        message: `The custom_id '${customId}' stands in an earlier line.`,
        param: 'custom_id',
      });
    errors.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).splice(batchBounds.listedErrors);
  }

  /** In a transaction as long as the run has its batch. @throws LostBatchError. */
  private async inRun<T>(run: BatchRun, work: Parameters<typeof this.database.run<T>>[1]): Promise<T> {
    if (run.isLost) throw new LostBatchError();
    return this.database.run(run.batch.tenantId, async (tx) => {
      await this.lines.holdRun(tx, run.batch, run.id);
      return work(tx);
    });
  }
}

function errorOf(code: string, line: number | null, message: string): BatchError {
  return { code, line, message, param: null };
}
