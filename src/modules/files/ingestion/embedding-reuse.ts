import { Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { idPrefixes } from '../../../kernel/ids.js';
import { TenantDatabase, type StatementTransaction } from '../../../platform/database/tenant-database.js';
import { KeyRing } from '../../../platform/secrets/key-ring.js';
import { readVectorBytes } from '../../../platform/vectors/vector-bytes.js';
import type { ClaimedFile } from '../record/file-record.js';
import type { FileSettings } from './embedding-target.js';
import type { NewChunk } from './passages.repository.js';

type EmbeddingModel = NonNullable<FileSettings['embedding']>;

const hashesAtOnce = 500;

/**
 * Vectors of passages that the tenant has in a vector store already, made by the same model of the same connection. They are
 * found by a keyed hash that stands beside each vector, and so are gone with the last passage that has them. Datasets are
 * embedded anew each time: whoever rebuilds one wants new vectors.
 */
@Injectable()
export class EmbeddingReuse {
  constructor(
    private readonly database: TenantDatabase,
    private readonly ring: KeyRing,
  ) {}

  /** The vectors that are known of these passages, by their places: all of one length. */
  async known(file: ClaimedFile, model: EmbeddingModel, chunks: readonly NewChunk[]): Promise<Map<number, Float32Array>> {
    const known = new Map<number, Float32Array>();
    if (!isOfStore(file)) return known;
    let length: number | undefined;
    for (let at = 0; at < chunks.length; at += hashesAtOnce) {
      const hashes = await this.hashes(file, model, chunks.slice(at, at + hashesAtOnce));
      const vectors = await this.find(file.tenantId, hashes);
      for (const [place, hash] of hashes.entries()) {
        const vector = vectors.get(hash);
        length ??= vector?.length;
        if (vector !== undefined && vector.length === length) known.set(at + place, vector);
      }
    }
    return known;
  }

  /** Writes beside the vectors of these passages by what they are found again. */
  async keep(tx: StatementTransaction, file: ClaimedFile, model: EmbeddingModel, chunks: readonly NewChunk[]): Promise<void> {
    if (!isOfStore(file)) return;
    for (let at = 0; at < chunks.length; at += hashesAtOnce) {
      const hashes = await this.hashes(file, model, chunks.slice(at, at + hashesAtOnce));
      await tx.$executeRaw`
        update passage_vectors v set text_hash = decode(given.hash, 'hex')
          from unnest(${hashes}::text[]) with ordinality given (hash, place)
         where v.tenant_id = ${file.tenantId} and v.file_id = ${file.id} and v.ingestion_id = ${file.ingestionId}
           and v.ordinal = ${at}::int + given.place::int - 1`;
    }
  }

  private async find(tenantId: string, hashes: readonly string[]): Promise<Map<string, Float32Array>> {
    const rows = await this.database.run(
      tenantId,
      (tx) => tx.$queryRaw<{ hash: string; vector: Uint8Array }[]>`
        select given.hash, found.vector
          from (select distinct hash from unnest(${[...hashes]}::text[]) hash) given
          cross join lateral (select v.vector from passage_vectors v
                               where v.tenant_id = ${tenantId} and v.text_hash = decode(given.hash, 'hex') limit 1) found`,
    );
    return new Map(rows.map(({ hash, vector }) => [hash, numbersOf(vector)]));
  }

  private async hashes({ tenantId }: ClaimedFile, model: EmbeddingModel, chunks: readonly NewChunk[]): Promise<string[]> {
    // Others have their turn between the groups.
    await setImmediate();
    const context = { tenantId, recordId: `${model.connectionId}/${model.model}` };
    return chunks.map(({ text }) => this.ring.digest(text, context).toString('hex'));
  }
}

function isOfStore({ datasetId }: ClaimedFile): boolean {
  return datasetId?.startsWith(idPrefixes.vectorStore) === true;
}

function numbersOf(bytes: Uint8Array): Float32Array {
  const vector = new Float32Array(bytes.length / 4);
  readVectorBytes(Buffer.from(bytes), 0, vector);
  return vector;
}
