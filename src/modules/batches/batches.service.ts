import { Injectable } from '@nestjs/common';
import { needsOfRoute } from '../../catalog/needs.js';
import { batchBounds, batchEndpoints, type CreateBatchRequest, type ListBatchesQuery } from '../../contracts/batches.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { ContentHolds } from '../files/intake/content-holds.js';
import { TenantFiles } from '../files/tenant/tenant-files.service.js';
import type { RecordingOf } from '../idempotency/recording.js';
import { KeyTouches } from '../usage/key-touches.js';
import { BatchJobs } from './batch-jobs.js';
import type { BatchPlace, BatchRecord } from './batch-record.js';
import { BatchesRepository } from './batches.repository.js';

/** Who makes a batch. */
export interface BatchMaker {
  readonly tenantId: string;
  readonly keyId: string;
  readonly ip: string;
}

/** Batches as the keys of their tenant work with them. Workers run them, whatever becomes of this process. */
@Injectable()
export class BatchesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly files: TenantFiles,
    private readonly holds: ContentHolds,
    private readonly batches: BatchesRepository,
    private readonly jobs: BatchJobs,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * Makes a batch of a file. From then on the file may be deleted.
   * @throws AppError not_found for a file that is not the tenant's; invalid_value for one that was not uploaded for batches;
   * rate_limit_exceeded when too many batches of the tenant have not ended.
   */
  async create(maker: BatchMaker, request: CreateBatchRequest, recordingOf: RecordingOf<BatchRecord>): Promise<BatchRecord> {
    const { tenantId } = maker;
    const { input_file_id: inputFileId, endpoint } = request;
    const file = await this.files.find(tenantId, inputFileId);
    if (file === null) throw noFile(inputFileId);
    if (file.purpose !== 'batch') throw notForBatches(file.purpose);
    const id = newId('batch');
    const made = await this.database.run(tenantId, async (tx) => {
      const unfinished = await this.batches.unfinishedOf(tx, tenantId);
      if (unfinished >= batchBounds.unfinishedOfTenant) throw tooMany();
      const storageKey = await this.holds.hold(tx, tenantId, inputFileId, id).catch((error: unknown) => {
        throw error instanceof AppError && error.code === 'not_found' ? noFile(inputFileId) : error;
      });
      const batch = await this.batches.insert(tx, {
        ...maker,
        id,
        endpoint,
        route: batchEndpoints[endpoint],
        inputFileId,
        storageKey,
        inputBytes: Number(file.bytes),
        metadata: request.metadata ?? null,
        outputSeconds: request.output_expires_after?.seconds ?? null,
      });
      await recordingOf(batch)(tx);
      return { batch, unfinished };
    });
    // Its requests need this of the key later, in workers.
    this.touches.rely({ id: maker.keyId, tenantId }, needsOfRoute(batchEndpoints[endpoint]));
    // What cannot be queued now is queued by the sweep.
    void this.jobs.enqueue({ tenantId, id, runs: 0 }, made.unfinished).catch(() => undefined);
    return made.batch;
  }

  /** @throws AppError not_found. */
  async get(place: BatchPlace): Promise<BatchRecord> {
    return this.database.run(place.tenantId, async (tx) => found(await this.batches.find(tx, place), place.id));
  }

  /** @throws AppError invalid_value for a cursor that is no batch of the tenant. */
  async list(tenantId: string, query: ListBatchesQuery): Promise<RowPage<BatchRecord>> {
    return this.database.run(tenantId, (tx) => this.batches.list(tx, tenantId, query));
  }

  /**
   * Has no further request of a batch begun; those that run are finished. Asked again it changes nothing.
   * @throws AppError not_found; conflict for a batch whose requests have all ended.
   */
  async cancel(place: BatchPlace, recordingOf: RecordingOf<BatchRecord>): Promise<BatchRecord> {
    return this.database.run(place.tenantId, async (tx) => {
      await this.batches.cancel(tx, place);
      const batch = found(await this.batches.find(tx, place), place.id);
      if (batch.endsAs !== 'cancelled') throw atItsEnd(batch);
      await recordingOf(batch)(tx);
      return batch;
    });
  }
}

function found(batch: BatchRecord | undefined, id: string): BatchRecord {
  if (batch === undefined) throw new AppError('not_found', { param: 'batch_id', message: `No batch found with id '${id}'.` });
  return batch;
}

function noFile(id: string): AppError {
  return new AppError('not_found', { param: 'input_file_id', message: `No such File object: ${id}` });
}

function notForBatches(purpose: string): AppError {
  return new AppError('invalid_value', {
    param: 'input_file_id',
    message: `Invalid value for 'input_file_id': the file has the purpose '${purpose}', a batch needs one with the purpose 'batch'.`,
  });
}

function tooMany(): AppError {
  return new AppError('rate_limit_exceeded', {
    message: `Rate limit reached: at most ${batchBounds.unfinishedOfTenant} batches of a tenant are under way at a time.`,
    headers: { 'retry-after': '60', 'retry-after-ms': '60000' },
  });
}

function atItsEnd({ status }: BatchRecord): AppError {
  return new AppError('conflict', { message: `A batch with the status '${status}' cannot be cancelled.` });
}
