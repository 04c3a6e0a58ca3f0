import pg from 'pg';
import type { VectorTarget } from '../vector-search.js';
import { CopiedChunks, type ChunkSink } from './copied-chunks.js';
import { copyOut } from './copy-out.js';
import type { PassageSet } from './passage-set.js';

/** A set of passages that may be searched; `version` is another one whenever its chunks may be others. */
export interface ReadySet extends PassageSet {
  readonly version: string;
}

/** A ready set with the number of its chunks that carry a vector of the model. */
export interface CountedSet extends ReadySet {
  readonly chunks: number;
}

/** The sets of a target (`$2`): of files that were uploaded to it, and of other files that it is given too. */
const setsOf = (column: VectorTarget['column']): string => `
  (select f.id as file_id, '' as ingestion_id, f.created_at from files f where f.tenant_id = $1 and f.${column} = $2 and f.state <> 'failed'
   union all
   select i.file_id, i.id, i.created_at from ingestions i
    where i.tenant_id = $1 and i.${column} = $2 and not i.is_own and i.state <> 'failed') s`;
const ofSet = `c.tenant_id = $1 and c.file_id = s.file_id and c.ingestion_id = s.ingestion_id`;
/** The attempt that made the chunks: they are replaced as a whole, so the first one tells. What is made anew serves with its old ones. */
const firstChunk = `(select c.attempt from chunks c where ${ofSet} order by c.ordinal limit 1)`;
const readySets = (column: VectorTarget['column']): string => `
  select s.file_id as "fileId", s.ingestion_id as "ingestionId", extract(epoch from s.created_at) || '.' || first.attempt as version
    from ${setsOf(column)}, lateral ${firstChunk} first`;

/** Where the job has not moved a vector yet, or a process of the release before wrote it, the chunk's row has it. */
const sameChunk = `v.tenant_id = c.tenant_id and v.file_id = c.file_id and v.ingestion_id = c.ingestion_id and v.ordinal = c.ordinal`;

/** The chunks' rows of one tenant, read in one snapshot of the database behind row-level security. */
export class ChunkSource {
  private constructor(
    private readonly client: pg.PoolClient,
    private readonly tenantId: string,
  ) {}

  /** Runs `work` in one read-only transaction of this tenant. Its filters repeat what the policies ask, for the indexes. */
  static async read<T>(pool: pg.Pool, tenantId: string, work: (source: ChunkSource) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin isolation level repeatable read read only');
      await client.query(`select set_config('role', 'gt_app', true), set_config('gt.tenant_id', $1, true)`, [tenantId]);
      return await work(new ChunkSource(client, tenantId));
    } finally {
      await client.query('rollback').catch((error: unknown) => {
        broken = error as Error;
      });
      client.release(broken);
    }
  }

  /** A text that is another one whenever the target's ready sets or their versions are others. */
  async signature(target: VectorTarget): Promise<string> {
    const { rows } = await this.client.query<{ signature: string }>(
      `select count(*) || ':' || coalesce(sum(hashtextextended(r."fileId" || ' ' || r."ingestionId" || ' ' || r.version, 0)), 0) as signature
         from (${readySets(target.column)}) r`,
      [this.tenantId, target.id],
    );
    return rows[0]?.signature ?? '';
  }

  async readySets(target: VectorTarget): Promise<ReadySet[]> {
    const { rows } = await this.client.query<ReadySet>(readySets(target.column), [this.tenantId, target.id]);
    return rows;
  }

  async countChunks(sets: readonly ReadySet[], model: string): Promise<CountedSet[]> {
    const { rows } = await this.client.query<{ count: number }>(
      `select count(c.file_id)::int as count from unnest($2::text[], $3::text[]) with ordinality s (file_id, ingestion_id, place)
         left join chunks c on ${ofSet} and c.embedding_model = $4 group by s.place order by s.place`,
      [this.tenantId, sets.map(({ fileId }) => fileId), sets.map(({ ingestionId }) => ingestionId), model],
    );
    return sets.map((set, at) => ({ ...set, chunks: rows[at]?.count ?? 0 }));
  }

  /** The length of one of this set's vectors; 0 when it has none. */
  async dimensions({ fileId, ingestionId }: ReadySet, model: string): Promise<number> {
    const { rows } = await this.client.query<{ dimensions: number | null }>(
      `select coalesce(v.dimensions, array_length(c.embedding, 1)) as dimensions from chunks c left join passage_vectors v on ${sameChunk}
        where c.tenant_id = $1 and c.file_id = $2 and c.ingestion_id = $3 and c.embedding_model = $4
          and (v.vector is not null or c.embedding is not null) limit 1`,
      [this.tenantId, fileId, ingestionId, model],
    );
    return rows[0]?.dimensions ?? 0;
  }

  /** Hands over every chunk of these sets that carries a vector of the model, each with its set's key, in their order. */
  async readChunks(sets: readonly ReadySet[], model: string, sink: ChunkSink): Promise<void> {
    const named = sets.map(({ fileId, ingestionId }) => `(${pg.escapeLiteral(fileId)}, ${pg.escapeLiteral(ingestionId)})`);
    const tenantId = pg.escapeLiteral(this.tenantId);
    const chunks = new CopiedChunks(sink);
    await copyOut(
      this.client,
      `copy (select c.file_id || case when c.ingestion_id = '' then '' else '/' || c.ingestion_id end, c.ordinal, v.vector,
                    case when v.vector is null then c.embedding end
               from (values ${named.join(', ')}) s (file_id, ingestion_id)
               join chunks c on c.tenant_id = ${tenantId} and c.file_id = s.file_id and c.ingestion_id = s.ingestion_id
               left join passage_vectors v on ${sameChunk}
              where c.embedding_model = ${pg.escapeLiteral(model)}
              order by c.file_id, c.ingestion_id, c.ordinal)
         to stdout (format binary)`,
      (data) => chunks.push(data),
    );
  }
}
