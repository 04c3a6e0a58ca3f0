import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { signBits, vectorBytes } from '../../../platform/vectors/vector-bytes.js';
import { wordVectors } from '../../../platform/words/word-vector.js';
import type { ClaimedFile } from '../record/file-record.js';
import { FileClaimsRepository } from './file-claims.repository.js';

const chunksPerInsert = 100;

/** What is known of one passage before it is stored. */
export interface NewChunk {
  readonly text: string;
  readonly tokens: number;
  readonly source: object;
}

/** The passages of an ingestion with their words and vectors. */
@Injectable()
export class PassagesRepository {
  constructor(private readonly claims: FileClaimsRepository) {}

  /**
   * Puts these passages in the place of all that the ingestion had. The vectors belong to the chunks of the same place; for
   * the release before they are written into the chunks too. @throws SupersededError.
   */
  async replace(
    tx: Transaction,
    file: ClaimedFile,
    chunks: readonly NewChunk[],
    model: string | null,
    vectors: readonly Float32Array[],
  ): Promise<void> {
    const { tenantId, id: fileId, ingestionId } = file;
    // Locks the row: an attempt that takes over meanwhile waits for the end of this transaction, or was first.
    await this.claims.beat(tx, file);
    await tx.chunk.deleteMany({ where: { tenantId, fileId, ingestionId } });
    for (let at = 0; at < chunks.length; at += chunksPerInsert) {
      const part = chunks.slice(at, at + chunksPerInsert);
      await insertChunks(tx, file, at, part, model, vectors);
      if (model !== null) await insertVectors(tx, file, at, model, vectors.slice(at, at + part.length));
    }
    const tokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
    const usage = bytesOf(chunks, vectors);
    await tx.$executeRaw`
      update ingestions set passages = ${chunks.length}, tokens = ${tokens}, vector_attempt = ${file.attempt}, usage_bytes = ${usage}
       where tenant_id = ${tenantId} and file_id = ${fileId} and (id = ${ingestionId} or (is_own and ${ingestionId} = ''))`;
  }
}

/** What passages and their vectors take: the bytes of the texts, and four for each number. */
function bytesOf(chunks: readonly NewChunk[], vectors: readonly Float32Array[]): number {
  const texts = chunks.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return vectors.reduce((sum, { byteLength }) => sum + byteLength, texts);
}

async function insertChunks(
  tx: Transaction,
  file: ClaimedFile,
  at: number,
  chunks: readonly NewChunk[],
  model: string | null,
  vectors: readonly Float32Array[],
): Promise<void> {
  const words = await wordVectors(chunks.map(({ text }) => text));
  const rows = chunks.map(({ text, tokens, source }, place) => {
    const vector = vectors[at + place];
    const embedding = vector === undefined ? [] : [...vector];
    return { ordinal: at + place, text, words: words[place], tokens, source, embedding };
  });
  await tx.$executeRaw`
    insert into chunks (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, attempt, text, search_words, tokens, source, embedding_model, embedding)
    select ${file.tenantId}, ${file.id}, ${file.ingestionId}, c.ordinal, ${file.datasetId}, ${file.conversationId}, ${file.attempt}, c.text, c.words, c.tokens, c.source, ${model}, c.embedding
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c(ordinal int, text text, words tsvector, tokens int, source jsonb, embedding real[])`;
}

async function insertVectors(
  tx: Transaction,
  file: ClaimedFile,
  at: number,
  model: string,
  vectors: readonly Float32Array[],
): Promise<void> {
  const rows = vectors.map((vector, place) => ({
    ordinal: at + place,
    dimensions: vector.length,
    vector: vectorBytes(vector).toString('base64'),
    signs: signBits(vector).toString('base64'),
  }));
  if (rows.length === 0) return;
  await tx.$executeRaw`
    insert into passage_vectors (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, embedding_model, dimensions, signs, vector)
    select ${file.tenantId}, ${file.id}, ${file.ingestionId}, v.ordinal, ${file.datasetId}, ${file.conversationId}, ${model}, v.dimensions,
           decode(v.signs, 'base64'), decode(v.vector, 'base64')
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v(ordinal int, dimensions int, signs text, vector text)`;
}
