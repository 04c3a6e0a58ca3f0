import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import type { Ingestion } from '../../../platform/database/generated/client.js';
import { translateMissingReference } from '../../../platform/database/prisma-errors.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { FileJobs } from './file-jobs.js';

/** Where the passages of an ingestion belong. */
export interface IngestionTarget {
  readonly kind: 'dataset' | 'conversation';
  readonly id: string;
}

/** How a file is cut for a target, in tokens; what is absent is as the target has it. */
export interface Chunking {
  readonly chunkTokens?: number;
  readonly overlapTokens?: number;
}

/**
 * Gives a file to further targets, each with passages of its own, and takes it away from them. The ingestion of the target
 * to which a file was uploaded comes and goes with the file.
 */
@Injectable()
export class IngestionsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly jobs: FileJobs,
  ) {}

  /**
   * Has the file read for this target; the ingestion that is there already when it has it.
   * @throws AppError not_found when the file or the target is absent.
   */
  async add(tenantId: string, fileId: string, target: IngestionTarget, chunking: Chunking = {}): Promise<Ingestion> {
    const named = { tenantId, fileId, targetKind: target.kind, targetId: target.id };
    try {
      const made = await this.database.run(tenantId, async (tx) => {
        const id = newId('ingestion');
        await tx.ingestion.createMany({ data: [{ id, ...named, ...chunking }], skipDuplicates: true });
        return tx.ingestion.findFirstOrThrow({ where: named });
      });
      if (!made.isOwn && made.attempts === 0) await this.jobs.enqueue(made, 1);
      return made;
    } catch (error) {
      throw translateMissingReference(error, 'file') === undefined ? error : new AppError('not_found', { cause: error });
    }
  }

  /** The ingestions of a file, the oldest first. */
  async of(tenantId: string, fileId: string): Promise<Ingestion[]> {
    return this.database.run(tenantId, (tx) =>
      tx.ingestion.findMany({ where: { tenantId, fileId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
    );
  }

  /**
   * Takes the file away from a target, with its passages there; a run that works on it stops.
   * @throws AppError not_found, also for the file's own ingestion.
   */
  async remove(tenantId: string, id: string): Promise<void> {
    const { count } = await this.database.run(tenantId, (tx) =>
      tx.ingestion.deleteMany({ where: { tenantId, id, isOwn: false } }),
    );
    if (count === 0) throw new AppError('not_found');
  }
}
