import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { EmbeddingTargets, type FileSettings } from './embedding-target.js';
import type { FileRun } from './file-run.js';
import { PassageEmbedder } from './passage-embedder.js';
import { PassageReader } from './passage-reader.js';
import { PassageStore } from './passage-store.js';
import type { NewChunk } from './passages.repository.js';
import type { SlowPlace } from './slow-places.js';

/**
 * The steps of one attempt: parse, chunk, embed, store. Nothing of it is seen by anybody before the last step, which
 * puts the new passages in the place of the old ones and makes the file ready in one transaction.
 */
@Injectable()
export class FilePipeline {
  constructor(
    private readonly reader: PassageReader,
    private readonly targets: EmbeddingTargets,
    private readonly embedder: PassageEmbedder,
    private readonly store: PassageStore,
    private readonly config: Config,
  ) {}

  /**
   * @throws DocumentFailure, FileFailure, ReaderUnavailableError, JobLaterError, AppError, SupersededError, or the signal's
   * reason.
   */
  async run(run: FileRun, place: SlowPlace): Promise<void> {
    const settings = await this.targets.of(run.file);
    this.reach('file.after-claim');
    const chunks = await this.reader.read(run, settings, place);
    this.reach('file.after-parse');
    run.reached('chunked');
    this.reach('file.after-chunk');
    const vectors = await this.embed(run, settings, chunks);
    this.reach('file.after-embed');
    await this.store.replace(run, chunks, settings.embedding, vectors, () => this.reach('file.before-ready'));
    this.reach('file.after-ready');
  }

  private async embed(run: FileRun, { embedding }: FileSettings, chunks: readonly NewChunk[]): Promise<Float32Array[]> {
    if (embedding === null) return [];
    return this.embedder.embed(run.file, embedding, chunks, run.signal, (done) => {
      run.progress((done / chunks.length) * 100);
      this.reach('file.mid-embed');
    });
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}
