import { Injectable } from '@nestjs/common';
import type { StatementTransaction } from '../../../platform/database/tenant-database.js';
import { signBits, vectorBytes } from '../../../platform/vectors/vector-bytes.js';
import { wordVectors } from '../../../platform/words/word-vector.js';
import type { ClaimedFile } from '../record/file-record.js';
import { realArray } from './real-array.js';

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
  /**
   * Puts these passages in the place of all that the ingestion had, whose row the transaction has locked. The vectors, all of
   * one length, belong to the chunks of the same place.
   */
  async replace(
    tx: StatementTransaction,
    file: ClaimedFile,
    chunks: readonly NewChunk[],
    model: string | null,
    vectors: readonly Float32Array[],
  ): Promise<void> {
    const { tenantId, id: fileId, ingestionId } = file;
    const keepsFormer = await clear(tx, file);
    for (let at = 0; at < chunks.length; at += chunksPerInsert) {
      const part = chunks.slice(at, at + chunksPerInsert);
      const ofPart = vectors.slice(at, at + part.length);
      await insertChunks(tx, file, at, part, model, keepsFormer ? ofPart : []);
      if (model !== null) await insertVectors(tx, file, at, model, ofPart);
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

/** Removes what the ingestion had. @returns whether the former form of vectors is written too; passages are locked then. */
async function clear(tx: StatementTransaction, { tenantId, id, ingestionId }: ClaimedFile): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ keeps: boolean }[]>`
    with gone as (delete from chunks where tenant_id = ${tenantId} and file_id = ${id} and ingestion_id = ${ingestionId})
    select gt_keeps_former_passages() as keeps`;
  return row?.keeps !== false;
}

/** @param former vectors for the release before, none where it has never run. */
async function insertChunks(
  tx: StatementTransaction,
  file: ClaimedFile,
  at: number,
  chunks: readonly NewChunk[],
  model: string | null,
  former: readonly Float32Array[],
): Promise<void> {
  const words = await wordVectors(chunks.map(({ text }) => text));
  const texts = chunks.map(({ text }) => text);
  const tokens = chunks.map((chunk) => chunk.tokens);
  const sources = chunks.map(({ source }) => JSON.stringify(source));
  const [embeddings, length] = [realArray(former), former[0]?.length ?? 0];
  await tx.$executeRaw`
    insert into chunks (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, attempt, text, search_words, tokens, source, embedding_model, embedding)
    select ${file.tenantId}, ${file.id}, ${file.ingestionId}, ${at}::int + c.place, ${file.datasetId}, ${file.conversationId}, ${file.attempt}, c.text, c.words,
           c.tokens, c.source::jsonb, ${model}, e.numbers[c.place * ${length}::int + 1 : (c.place + 1) * ${length}::int]
      from (select u.*, u.ordinality::int - 1 as place
              from unnest(${texts}::text[], ${words}::tsvector[], ${tokens}::int[], ${sources}::text[]) with ordinality u (text, words, tokens, source)) c,
           (select ${embeddings}::real[] as numbers) e`;
}

async function insertVectors(
  tx: StatementTransaction,
  file: ClaimedFile,
  at: number,
  model: string,
  vectors: readonly Float32Array[],
): Promise<void> {
  const [first] = vectors;
  if (first === undefined) return;
  const numbers = Buffer.concat(vectors.map(vectorBytes));
  const signs = Buffer.concat(vectors.map(signBits));
  const [numbersLength, signsLength] = [numbers.length / vectors.length, signs.length / vectors.length];
  await tx.$executeRaw`
    insert into passage_vectors (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, embedding_model, dimensions, signs, vector)
    select ${file.tenantId}, ${file.id}, ${file.ingestionId}, ${at}::int + place, ${file.datasetId}, ${file.conversationId}, ${model}, ${first.length}::int,
           substring(v.signs from place * ${signsLength}::int + 1 for ${signsLength}::int),
           substring(v.numbers from place * ${numbersLength}::int + 1 for ${numbersLength}::int)
      from generate_series(0, ${vectors.length}::int - 1) place, (select ${signs}::bytea as signs, ${numbers}::bytea as numbers) v`;
}
