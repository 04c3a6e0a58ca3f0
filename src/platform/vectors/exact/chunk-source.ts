import pg from 'pg';
import type { VectorTarget } from '../vector-search.js';
import { CopiedChunks, type ChunkSink } from './copied-chunks.js';
import { copyOut } from './copy-out.js';

/** A ready file; `version` is another one whenever its chunks may be others. */
export interface ReadyFile {
  readonly fileId: string;
  readonly version: string;
}

/** A ready file with the number of its chunks that carry a vector of the model. */
export interface CountedFile extends ReadyFile {
  readonly chunks: number;
}

/** The attempt that made a file's chunks: they are replaced as a whole, so the first one tells. */
const version = `extract(epoch from f.created_at) || '.' || (select c.attempt from chunks c where c.tenant_id = f.tenant_id and c.file_id = f.id order by c.ordinal limit 1)`;
/** While a file is rebuilt, its old chunks are searched until the new ones are ready. */
const isReady = `f.state <> 'failed' and exists (select from chunks c where c.tenant_id = f.tenant_id and c.file_id = f.id)`;
const ofAttempt = `c.tenant_id = f.tenant_id and c.file_id = f.id`;

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

  /** A text that is another one whenever the target's ready files or their versions are others. */
  async signature(target: VectorTarget): Promise<string> {
    const { rows } = await this.client.query<{ signature: string }>(
      `select count(*) || ':' || coalesce(sum(hashtextextended(f.id || ' ' || ${version}, 0)), 0) as signature
         from files f where f.tenant_id = $1 and f.${target.column} = $2 and ${isReady}`,
      [this.tenantId, target.id],
    );
    return rows[0]?.signature ?? '';
  }

  async readyFiles(target: VectorTarget): Promise<ReadyFile[]> {
    const { rows } = await this.client.query<ReadyFile>(
      `select f.id as "fileId", ${version} as version from files f where f.tenant_id = $1 and f.${target.column} = $2 and ${isReady}`,
      [this.tenantId, target.id],
    );
    return rows;
  }

  async countChunks(files: readonly ReadyFile[], model: string): Promise<CountedFile[]> {
    const { rows } = await this.client.query<CountedFile>(
      `select f.id as "fileId", ${version} as version, count(c.file_id)::int as chunks
         from files f left join chunks c on ${ofAttempt} and c.embedding_model = $3
        where f.tenant_id = $1 and f.id = any ($2) and ${isReady} group by f.tenant_id, f.id`,
      [this.tenantId, files.map(({ fileId }) => fileId), model],
    );
    return rows;
  }

  /** The length of one of this file's vectors; 0 when it has none. */
  async dimensions(file: ReadyFile, model: string): Promise<number> {
    const { rows } = await this.client.query<{ dimensions: number | null }>(
      `select array_length(c.embedding, 1) as dimensions from files f join chunks c on ${ofAttempt}
        where f.tenant_id = $1 and f.id = $2 and c.embedding_model = $3 and c.embedding is not null limit 1`,
      [this.tenantId, file.fileId, model],
    );
    return rows[0]?.dimensions ?? 0;
  }

  /** Hands over every chunk of these files that carries a vector of the model, in no order. */
  async readChunks(files: readonly ReadyFile[], model: string, sink: ChunkSink): Promise<void> {
    const ids = files.map(({ fileId }) => pg.escapeLiteral(fileId)).join(', ');
    const chunks = new CopiedChunks(sink);
    await copyOut(
      this.client,
      `copy (select c.file_id, c.ordinal, c.embedding from files f join chunks c on ${ofAttempt}
              where f.tenant_id = ${pg.escapeLiteral(this.tenantId)} and c.tenant_id = ${pg.escapeLiteral(this.tenantId)}
                and f.id in (${ids}) and ${isReady} and c.embedding_model = ${pg.escapeLiteral(model)})
         to stdout (format binary)`,
      (data) => chunks.push(data),
    );
  }
}
