import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { DocumentParser } from '../../../platform/documents/document-parser.js';
import { isMediaType } from '../../../platform/documents/media-types.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { EmbeddingTargets, type FileSettings } from './embedding-target.js';
import type { FileRun } from './file-run.js';
import { FileFailure } from './file-steps.js';
import { PassageEmbedder } from './passage-embedder.js';
import { PassageStore } from './passage-store.js';
import type { NewChunk } from './passages.repository.js';
import { WorkCopies } from './work-copies.js';

/** More passages than this would not fit into a worker's memory with their vectors. */
const maxChunks = 50_000;

/**
 * The steps of one attempt: parse, chunk, embed, store. Nothing of it is seen by anybody before the last step, which
 * puts the new passages in the place of the old ones and makes the file ready in one transaction.
 */
@Injectable()
export class FilePipeline {
  constructor(
    private readonly copies: WorkCopies,
    private readonly parser: DocumentParser,
    private readonly targets: EmbeddingTargets,
    private readonly embedder: PassageEmbedder,
    private readonly store: PassageStore,
    private readonly config: Config,
  ) {}

  /** @throws DocumentFailure, FileFailure, AppError, SupersededError, or the signal's reason. */
  async run(run: FileRun): Promise<void> {
    const settings = await this.targets.of(run.file);
    this.reach('file.after-claim');
    const chunks = await this.read(run, settings);
    await run.enter('parsed');
    this.reach('file.after-parse');
    await run.enter('chunked');
    this.reach('file.after-chunk');
    const vectors = await this.embed(run, settings, chunks);
    await run.enter('embedded');
    this.reach('file.after-embed');
    await this.store.replace(run, chunks, settings.embedding?.model ?? null, vectors, () => this.reach('file.before-ready'));
    this.reach('file.after-ready');
  }

  /** The passages, read and cut in the parser's process. */
  private async read(run: FileRun, { chunkTokens, overlapTokens, hiddenSheets }: FileSettings): Promise<NewChunk[]> {
    const { mediaType } = run.file;
    if (!isMediaType(mediaType))
      throw new FileFailure('unsupported_type', 'The content of the file is of a type that is not supported.');
    const chunks: NewChunk[] = [];
    const call = {
      owner: run.file.tenantId,
      signal: run.signal,
      onProgress: (percent: number) => run.progress(percent),
      hiddenSheets,
    };
    await this.copies.with(run.file, run.signal, async (path) => {
      for await (const chunk of this.parser.chunks(path, mediaType, { chunkTokens, overlapTokens }, call)) {
        if (chunks.length === maxChunks) {
          throw new FileFailure(
            'too_many_passages',
            `The file gives more than ${maxChunks} passages. Split it and upload the parts.`,
          );
        }
        const { text, tokens, source } = chunk;
        chunks.push({ text, tokens, source });
      }
    });
    if (chunks.length === 0) throw new FileFailure('no_text', 'The file holds no text that can be read.');
    return chunks;
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
