import { Injectable } from '@nestjs/common';
import { FileClaimsRepository, type NewChunk } from './file-claims.repository.js';
import type { FileRun } from './file-run.js';

/** For writing all passages in one transaction, in milliseconds. */
const storeTimeoutMs = 300_000;

/** The last step of the pipeline. */
@Injectable()
export class PassageStore {
  constructor(private readonly claims: FileClaimsRepository) {}

  /**
   * Puts these passages in the place of all that the file had and makes it ready, all or nothing.
   * @throws SupersededError.
   */
  async replace(
    run: FileRun,
    chunks: readonly NewChunk[],
    model: string | null,
    vectors: readonly Float32Array[],
    beforeCommit: () => void,
  ): Promise<void> {
    const { file } = run;
    await run.transact(async (tx) => {
      await this.claims.replaceChunks(tx, file, chunks, vectors.length === 0 ? null : model, vectors);
      await this.claims.transition(tx, file, 'ready');
      beforeCommit();
    }, storeTimeoutMs);
  }
}
