import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import { signBits, vectorBytes } from '../../../platform/vectors/vector-bytes.js';

/** Files of an older release that nobody has touched since: every write of the row makes its ingestion. */
const adopt = `
  insert into ingestions (tenant_id, id, file_id, is_own, target_kind, target_id, generation, state, attempts, round_start, stage, error_code, error_message, created_at)
  select f.tenant_id, 'ing_' || substr(f.id, 6), f.id, true, case when f.dataset_id is null then 'conversation' else 'dataset' end,
         coalesce(f.dataset_id, f.conversation_id), f.generation, f.state, f.attempts, f.round_start, f.stage, f.error_code, f.error_message, f.created_at
    from (select f.* from files f
           where coalesce(f.dataset_id, f.conversation_id) is not null
             and not exists (select from ingestions i where i.tenant_id = f.tenant_id and i.file_id = f.id and i.is_own)
           limit $1 for no key update skip locked) f
  on conflict do nothing`;

/** One ingestion of each tenant, of at most `$1` tenants: nobody waits behind another's many. */
const next = `
  select i.tenant_id, i.id, i.file_id, i.attempts
    from (select distinct on (tenant_id) tenant_id, id from ingestions
           where state in ('ready', 'failed') and vector_attempt is distinct from attempts order by tenant_id, id limit $1) first
    join ingestions i on i.tenant_id = first.tenant_id and i.id = first.id
     for no key update of i skip locked`;

/** The chunks are held until commit: who replaces them waits, or was first. */
const unmoved = `
  select c.ordinal, c.dataset_id, c.conversation_id, c.embedding_model, c.embedding from chunks c
   where c.tenant_id = $1 and c.file_id = $2 and c.ingestion_id = '' and c.embedding_model is not null and cardinality(c.embedding) > 0
     and not exists (select from passage_vectors v where v.tenant_id = c.tenant_id and v.file_id = c.file_id and v.ingestion_id = '' and v.ordinal = c.ordinal)
   order by c.ordinal limit $3 for key share of c`;

const insert = `
  insert into passage_vectors (tenant_id, file_id, ingestion_id, ordinal, dataset_id, conversation_id, embedding_model, dimensions, signs, vector)
  select $1, $2, '', v.ordinal, v.dataset_id, v.conversation_id, v.model, v.dimensions, v.signs, v.vector
    from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bytea[], $9::bytea[])
         v (ordinal, dataset_id, conversation_id, model, dimensions, signs, vector)
  on conflict do nothing`;

const done = `update ingestions set vector_attempt = attempts where tenant_id = $1 and id = $2 and attempts = $3`;

interface Unmoved {
  readonly tenant_id: string;
  readonly id: string;
  readonly file_id: string;
  readonly attempts: number;
}

interface OldVector {
  readonly ordinal: number;
  readonly dataset_id: string | null;
  readonly conversation_id: string | null;
  readonly embedding_model: string;
  readonly embedding: readonly number[];
}

/** What stands in the form of the release before, of all tenants. */
@Injectable()
export class PassageVectorsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Gives up to `limit` files their own ingestion; returns how many got one. */
  async adoptFiles(limit: number): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(adopt, [limit])).rowCount ?? 0);
  }

  /**
   * Copies up to `limit` vectors of one ingestion of each of up to `tenants` tenants into the table of vectors, in one
   * transaction; the chunks stay as they are. Returns how many ingestions it looked at: none when all is done.
   */
  async copySome(tenants: number, limit: number): Promise<number> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<Unmoved>(next, [tenants]);
      for (const ingestion of rows) await copyOf(client, ingestion, limit);
      return rows.length;
    });
  }
}

async function copyOf(client: pg.PoolClient, { tenant_id: tenantId, id, file_id: fileId, attempts }: Unmoved, limit: number) {
  const { rows } = await client.query<OldVector>(unmoved, [tenantId, fileId, limit]);
  if (rows.length > 0) {
    const vectors = rows.map(({ embedding }) => Float32Array.from(embedding));
    await client.query(insert, [
      tenantId,
      fileId,
      rows.map(({ ordinal }) => ordinal),
      rows.map(({ dataset_id: datasetId }) => datasetId),
      rows.map(({ conversation_id: conversationId }) => conversationId),
      rows.map(({ embedding_model: model }) => model),
      vectors.map(({ length }) => length),
      vectors.map(signBits),
      vectors.map(vectorBytes),
    ]);
  }
  if (rows.length < limit) await client.query(done, [tenantId, id, attempts]);
}
