import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import type { BatchStatus } from '../../contracts/batches.js';
import { newId } from '../../kernel/ids.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { BatchRecord } from '../batches/batch-record.js';
import { BatchWatchRepository } from './batch-watch.repository.js';

const beatMs = 1_000;
/** How long a stopping process waits until its runs have given back what they held. */
const stopMs = 2_000;

export type BatchTask = 'check' | 'hand' | 'lines' | 'write';

/** A run of this process at a batch. */
export class BatchRun {
  /** What the batch is now, to within a second. */
  status: BatchStatus;
  /** The run was taken for dead: what it held is another's. */
  isLost = false;

  constructor(
    readonly id: string,
    readonly batch: BatchRecord,
  ) {
    this.status = batch.status;
  }
}

/**
 * The runs of this process. As long as there is one, one statement a second says that they live, and asks for all of them
 * what has become of their batches.
 */
@Injectable()
export class OpenBatchRuns implements BeforeApplicationShutdown {
  private readonly runs = new Map<string, BatchRun>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: TenantDatabase,
    private readonly watch: BatchWatchRepository,
  ) {}

  /** Begins a run; undefined where another does what only one may do at a time, or the batch is gone. */
  async begin(batch: BatchRecord, task: BatchTask): Promise<BatchRun | undefined> {
    const { tenantId, id: batchId } = batch;
    const run = new BatchRun(newId('batchRun'), batch);
    const isBegun = await this.database.run(tenantId, async (tx) => {
      const rows = await tx.$queryRaw<unknown[]>`
        update batches set runs = runs + 1 where tenant_id = ${tenantId} and id = ${batchId} returning id`;
      if (rows.length === 0) return false;
      return (
        (await tx.$executeRaw`
          insert into batch_runs (tenant_id, id, batch_id, task) values (${tenantId}, ${run.id}, ${batchId}, ${task})
          on conflict do nothing`) > 0
      );
    });
    if (!isBegun) return undefined;
    this.runs.set(run.id, run);
    this.timer ??= setTimeout(() => void this.beat(), beatMs);
    return run;
  }

  /** Ends a run; requests that it still holds may be another's. What cannot be written is found by the sweep. */
  async end(run: BatchRun): Promise<void> {
    const { tenantId, id: batchId } = run.batch;
    await this.database
      .run(tenantId, async (tx) => {
        await this.free(tx, run);
        await tx.$executeRaw`delete from batch_runs where tenant_id = ${tenantId} and id = ${run.id} and batch_id = ${batchId}`;
      })
      .catch(() => undefined);
    this.runs.delete(run.id);
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const deadline = performance.now() + stopMs; this.runs.size > 0 && performance.now() < deadline;) await wait(10);
    clearTimeout(this.timer);
  }

  private async free(tx: Transaction, { id, batch }: BatchRun): Promise<void> {
    await tx.$executeRaw`
      update batch_lines set state = 'pending', owner = null
       where tenant_id = ${batch.tenantId} and batch_id = ${batch.id} and state = 'running' and owner = ${id}`;
  }

  private async beat(): Promise<void> {
    const asked = [...this.runs.values()];
    try {
      const statuses = await this.watch.beat(asked.map(({ id, batch: { tenantId } }) => ({ id, tenantId })));
      for (const run of asked) {
        const status = statuses.get(run.id);
        if (status === undefined) run.isLost = true;
        else run.status = status;
      }
    } catch {
      // The database is away; the next beat comes anyhow.
    }
    this.timer = this.runs.size === 0 ? undefined : setTimeout(() => void this.beat(), beatMs);
  }
}
