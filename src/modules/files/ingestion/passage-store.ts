import { Injectable } from '@nestjs/common';
import type { StatementTransaction } from '../../../platform/database/tenant-database.js';
import { EmbeddingReuse } from './embedding-reuse.js';
import type { FileSettings } from './embedding-target.js';
import { FileClaimsRepository } from './file-claims.repository.js';
import type { FileRun } from './file-run.js';
import { PassagesRepository, type NewChunk } from './passages.repository.js';

/** For writing all passages in one transaction, in milliseconds. */
const storeTimeoutMs = 300_000;
/** So many are stored in a moment: nobody needs to see that they are about to be. */
const fewPassages = 100;

/** The last step of the pipeline. */
@Injectable()
export class PassageStore {
  constructor(
    private readonly claims: FileClaimsRepository,
    private readonly passages: PassagesRepository,
    private readonly reuse: EmbeddingReuse,
  ) {}

  /**
   * Puts these passages in the place of all that the ingestion had and makes it ready, all or nothing.
   * @throws SupersededError.
   */
  async replace(
    run: FileRun,
    chunks: readonly NewChunk[],
    embedding: FileSettings['embedding'],
    vectors: readonly Float32Array[],
    beforeCommit: () => void,
  ): Promise<void> {
    const { file } = run;
    if (chunks.length > fewPassages) await run.enter('embedded');
    const store = async (tx: StatementTransaction): Promise<void> => {
      // First, for the row's lock: an attempt that takes over meanwhile waits for the end of this transaction, or was first.
      await this.claims.advance(tx, file, 'ready');
      await this.passages.replace(tx, file, chunks, embedding === null ? null : embedding.model, vectors);
      if (embedding !== null) await this.reuse.keep(tx, file, embedding, chunks);
    };
    const stored = await run.transact(async (tx) => {
      if (file.ingestionId === '' && (await this.claims.hasListeners(tx, file.tenantId))) return false;
      await store(tx);
      beforeCommit();
      return true;
    }, storeTimeoutMs);
    if (stored) return;
    await run.transactAndTell(async (tx) => {
      await store(tx);
      await this.claims.announce(tx, file, 'ready');
      beforeCommit();
    }, storeTimeoutMs);
  }
}
