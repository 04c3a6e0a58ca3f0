import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { withSmallHeap } from '../../kernel/small-heap.js';
import { Log } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { JobLaterError } from '../../platform/queue/job-run.js';
import { isWithProvider, type HandoverRecord } from '../batches/batch-handover.js';
import { BatchHandoversRepository } from '../batches/batch-handovers.repository.js';
import { BatchLinesRepository } from '../batches/batch-lines.repository.js';
import { LostBatchError, type BatchPlace, type BatchRecord } from '../batches/batch-record.js';
import { BatchesRepository } from '../batches/batches.repository.js';
import { BatchPlaces } from './batch-places.js';
import { clearLines } from './clear-lines.js';
import { HandoverSteps } from './handing/handover-steps.js';
import { InputCheck } from './input-check.js';
import { LineBodies } from './line-bodies.js';
import { LineCalls } from './line-calls.js';
import { LinePlaces } from './line-places.js';
import { LinesRun, type LineTools } from './lines-run.js';
import { OpenBatchRuns, type BatchRun, type BatchTask } from './open-batch-runs.js';
import { OutputFiles } from './output-files.js';
import { Pace } from './pace.js';

const soonMs = 500;
const latestMs = 30_000;
/** So many batches have their pace remembered. */
const mostPaces = 1_000;

/** Does what is next at a batch, until there is nothing to do for this worker. */
@Injectable()
export class BatchRunner {
  private readonly tools: LineTools;
  /** The batches at which this process is. */
  private readonly here = new Set<string>();
  /** Of batches whose requests were made here; it outlasts the runs. */
  private readonly paces = new Map<string, Pace>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly batches: BatchesRepository,
    private readonly lines: BatchLinesRepository,
    private readonly open: OpenBatchRuns,
    private readonly input: InputCheck,
    private readonly handovers: BatchHandoversRepository,
    private readonly handing: HandoverSteps,
    private readonly files: OutputFiles,
    private readonly places: BatchPlaces,
    private readonly log: Log,
    bodies: LineBodies,
    calls: LineCalls,
    linePlaces: LinePlaces,
    config: Config,
  ) {
    this.tools = { database, lines, config, bodies, calls, places: linePlaces };
  }

  /**
   * @throws JobLaterError while requests of it wait, or its tenant has all places that one may have; the signal's reason.
   */
  async run(place: BatchPlace, signal: AbortSignal): Promise<void> {
    // Another job of it runs here: this one is for another worker, which the next one may meet.
    if (this.here.has(place.id)) return;
    this.here.add(place.id);
    try {
      const leave = await this.places.take(place.tenantId);
      try {
        await withSmallHeap(() => this.goOn(place, signal));
      } finally {
        leave();
      }
    } catch (error) {
      if (!(error instanceof LostBatchError)) throw error;
      this.log.warn('a run of a batch was taken for dead', { tenant_id: place.tenantId, batch_id: place.id });
    } finally {
      this.here.delete(place.id);
    }
  }

  private async goOn(place: BatchPlace, signal: AbortSignal): Promise<void> {
    for (;;) {
      const laterMs = await this.step(place, signal);
      if (signal.aborted) throw signal.reason;
      if (laterMs === undefined) return;
      if (laterMs > 0) throw new JobLaterError(Math.min(Math.ceil(laterMs), latestMs));
    }
  }

  /** @returns in how many milliseconds the next step may come; undefined when there is none for this worker. */
  private async step(place: BatchPlace, signal: AbortSignal): Promise<number | undefined> {
    const { batch, handover } = await this.found(place);
    if (batch !== undefined && handover !== undefined && isNext(batch, handover)) return this.hand(batch, handover, signal);
    switch (batch?.status) {
      case 'validating':
        return this.as('check', batch, async (run) => {
          await this.input.check(run, signal);
          return 0;
        });
      case 'in_progress':
        return this.as('lines', batch, (run) => new LinesRun(this.tools, run, this.paceOf(batch), signal).work());
      case 'finalizing':
      case 'cancelling':
        return this.finish(batch, signal);
      case undefined:
        return undefined;
      default:
        if (batch?.cleared === false) await this.clear(place);
        return undefined;
    }
  }

  /** The batch as it stands, at its end when its window is over: no request of it would be given to a run any more. */
  private found(
    place: BatchPlace,
  ): Promise<{ readonly batch: BatchRecord | undefined; readonly handover: HandoverRecord | undefined }> {
    return this.database.run(place.tenantId, async (tx) => {
      await this.batches.expire(tx, place);
      return { batch: await this.batches.find(tx, place), handover: await this.handovers.find(tx, place) };
    });
  }

  /** Does what is next at a batch that its provider makes. One that is to end there is not waited for. */
  private async hand(batch: BatchRecord, handover: HandoverRecord, signal: AbortSignal): Promise<number | undefined> {
    const isUrgent = batch.endsAs !== 'completed' && handover.step === 'follow' && !handover.cancelSent;
    const dueMs = this.handing.dueMs(handover, isUrgent);
    return dueMs > 0 ? dueMs : this.as('hand', batch, (run) => this.handing.take(run, handover, signal));
  }

  private paceOf({ id }: BatchRecord): Pace {
    const pace = this.paces.get(id) ?? new Pace(this.tools.config.GT_BATCH_PLACES);
    this.paces.delete(id);
    this.paces.set(id, pace);
    for (const [oldest] of this.paces) {
      if (this.paces.size <= mostPaces) break;
      this.paces.delete(oldest);
    }
    return pace;
  }

  private async clear(place: BatchPlace): Promise<void> {
    await clearLines(this.database, this.lines, place);
    await this.database.run(place.tenantId, (tx) => this.batches.markCleared(tx, place));
  }

  /** Requests that run are finished first; what dead runs held is freed by the sweep. */
  private async finish(batch: BatchRecord, signal: AbortSignal): Promise<number | undefined> {
    const { running } = await this.database.run(batch.tenantId, (tx) => this.lines.left(tx, batch));
    if (running > 0 || (await this.isBeingChecked(batch))) return soonMs;
    return this.as('write', batch, async (run) => {
      await this.files.write(run, signal);
      return 0;
    });
  }

  /** A run still reads the input of a batch that was cancelled meanwhile. */
  private async isBeingChecked({ tenantId, id: batchId }: BatchRecord): Promise<boolean> {
    return this.database.run(
      tenantId,
      async (tx) => (await tx.batchRun.count({ where: { tenantId, batchId, task: 'check' } })) > 0,
    );
  }

  private async as(
    task: BatchTask,
    batch: BatchRecord,
    work: (run: BatchRun) => Promise<number | undefined>,
  ): Promise<number | undefined> {
    const run = await this.open.begin(batch, task);
    if (run === undefined) return undefined;
    try {
      return await work(run);
    } finally {
      await this.open.end(run);
    }
  }
}

/** True where the provider has to do with a batch, or where something of one that has ended stands there still. */
function isNext({ status }: BatchRecord, handover: HandoverRecord): boolean {
  const isOpen = ['validating', 'in_progress', 'finalizing', 'cancelling'].includes(status);
  return isOpen ? isWithProvider(handover) : handover.step === 'clean';
}
