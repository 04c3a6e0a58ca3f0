import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/ids.js';
import { EmbeddingClient } from '../../embeddings/embedding-client.js';
import { EmbeddingReuse } from './embedding-reuse.js';
import type { FileSettings } from './embedding-target.js';
import type { ClaimedFile } from '../record/file-record.js';
import type { NewChunk } from './passages.repository.js';

/** Well below what providers take in one call: OpenAI 2,048 texts and 300,000 tokens, others less. */
const batchTexts = 64;
const batchTokens = 60_000;
const triesPerBatch = 5;

/** Makes the vectors of a file's passages, batch by batch, on the account of the key that uploaded it. */
@Injectable()
export class PassageEmbedder {
  constructor(
    private readonly embeddings: EmbeddingClient,
    private readonly reuse: EmbeddingReuse,
  ) {}

  /**
   * One vector for each passage; passages of a vector store that are known already have the vectors that they have. `onBatch`
   * hears how many are done.
   * @throws AppError as EmbeddingClient does; the signal's reason when it fires.
   */
  async embed(
    file: ClaimedFile,
    target: NonNullable<FileSettings['embedding']>,
    chunks: readonly NewChunk[],
    signal: AbortSignal,
    onBatch: (done: number) => void,
  ): Promise<Float32Array[]> {
    const known = await this.reuse.known(file, target, chunks);
    const unknown = chunks.filter((_chunk, place) => !known.has(place));
    if (known.size > 0) onBatch(known.size);
    const made = await this.make(file, target, unknown, signal, (done) => onBatch(known.size + done));
    const [first] = known.values();
    // The model has another length by now: what is known is of no use beside it.
    if (first !== undefined && made[0] !== undefined && made[0].length !== first.length)
      return this.make(file, target, chunks, signal, onBatch);
    const next = made.values();
    return chunks.map((_chunk, place) => known.get(place) ?? (next.next().value as Float32Array));
  }

  private async make(
    file: ClaimedFile,
    target: NonNullable<FileSettings['embedding']>,
    chunks: readonly NewChunk[],
    signal: AbortSignal,
    onBatch: (done: number) => void,
  ): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    const requestId = newId('request');
    for (const batch of batchesOf(chunks)) {
      const made = await this.embeddings.embed({
        tenantId: file.tenantId,
        keyId: file.keyId,
        requestId,
        route: 'file.process',
        ...target,
        texts: batch.map(({ text }) => text),
        countedTokens: batch.reduce((sum, { tokens }) => sum + tokens, 0),
        signal,
        tries: triesPerBatch,
      });
      vectors.push(...made);
      onBatch(vectors.length);
    }
    return vectors;
  }
}

/** Passages in their order, in groups that one call takes; a passage too large for any is a group of its own. */
export function* batchesOf<T extends { readonly tokens: number }>(chunks: readonly T[]): Generator<T[]> {
  let batch: T[] = [];
  let tokens = 0;
  for (const chunk of chunks) {
    if (batch.length > 0 && (batch.length === batchTexts || tokens + chunk.tokens > batchTokens)) {
      yield batch;
      batch = [];
      tokens = 0;
    }
    batch.push(chunk);
    tokens += chunk.tokens;
  }
  if (batch.length > 0) yield batch;
}
