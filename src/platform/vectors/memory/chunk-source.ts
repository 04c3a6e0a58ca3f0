import pg from 'pg';
import type { VectorKind, VectorTarget } from '../vector-search.js';
import { CopiedChunks, type ChunkSink } from './copied-chunks.js';
import { copyOut } from './copy-out.js';
import type { PassageSet } from './passage-set.js';
import type { VersionedSet } from './vector-block.js';

/** A set that may be searched. */
export interface ReadySet extends VersionedSet {
  /** All its vectors are in the table of vectors: its chunks need not be read. */
  readonly isMoved: boolean;
}

/** What has changed in a target since a snapshot of the database. */
export interface PassageChanges {
  /** The snapshot of this transaction, and when it began, both as the database says them. */
  readonly snapshot: string;
  readonly at: string;
  /** Undefined: so much, or so long ago, that the whole target has to be compared. */
  readonly sets: readonly PassageSet[] | undefined;
}

/** The chunks of one model in one target, whose vectors have one length. */
export type ChunkKind = VectorKind;

/** One chunk. */
export interface ChunkPlace extends PassageSet {
  readonly ordinal: number;
}

/** More changed sets than this are found by comparing all. */
const mostChanges = 5_000;
/** The sweep keeps changes for an hour; memory that is older than this is compared as a whole. */
const longestMinutes = 30;

/** The sets of a target (`$2`): of files that were uploaded to it, and of other files that it is given too; some, or all. */
const setsOf = (column: VectorTarget['column'], some: boolean): string => `
  (select f.id as file_id, '' as ingestion_id, f.created_at,
          (select i.vector_attempt from ingestions i where i.tenant_id = $1 and i.file_id = f.id and i.is_own) as vector_attempt
     from files f where f.tenant_id = $1 and f.${column} = $2 and f.state <> 'failed' ${some ? 'and f.id = any ($3)' : ''}
   union all
   select i.file_id, i.id, i.created_at, i.vector_attempt from ingestions i
    where i.tenant_id = $1 and i.${column} = $2 and not i.is_own and i.state <> 'failed' ${some ? 'and i.id = any ($4)' : ''}) s`;
const ofSet = `c.tenant_id = $1 and c.file_id = s.file_id and c.ingestion_id = s.ingestion_id`;
/** The attempt that made the chunks: they are replaced as a whole, so the first one tells. What is made anew serves with its old ones. */
const firstChunk = `(select c.attempt from chunks c where ${ofSet} order by c.ordinal limit 1)`;
const readySets = (column: VectorTarget['column'], some: boolean): string => `
  select s.file_id as "fileId", s.ingestion_id as "ingestionId", extract(epoch from s.created_at) || '.' || first.attempt as version,
         coalesce(s.vector_attempt >= first.attempt, false) as "isMoved"
    from ${setsOf(column, some)}, lateral ${firstChunk} first`;

const changesSince = `
  select pg_current_snapshot()::text as snapshot, now()::text as at,
         case when $4::timestamptz > now() - interval '${longestMinutes} minutes' then
           (select coalesce(json_agg(json_build_object('fileId', c.file_id, 'ingestionId', c.ingestion_id)), '[]')
              from (select distinct file_id, ingestion_id from passage_changes
                     where tenant_id = $1 and target_id = $2 and transaction >= pg_snapshot_xmin($3::pg_snapshot)::text::bigint
                       and not pg_visible_in_snapshot(transaction::text::xid8, $3::pg_snapshot)
                     limit ${mostChanges + 1}) c) end as sets`;

/** Where the job has not moved a vector yet, or a process of the release before wrote it, the chunk's row has it. */
const sameChunk = `v.tenant_id = c.tenant_id and v.file_id = c.file_id and v.ingestion_id = c.ingestion_id and v.ordinal = c.ordinal`;
const keyOf = (row: string): string =>
  `${row}.file_id || case when ${row}.ingestion_id = '' then '' else '/' || ${row}.ingestion_id end`;

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
      await client.query(
        `begin isolation level repeatable read read only; set local role gt_app;
         select set_config('gt.tenant_id', ${pg.escapeLiteral(tenantId)}, true)`,
      );
      return await work(new ChunkSource(client, tenantId));
    } finally {
      await client.query('rollback').catch((error: unknown) => {
        broken = error as Error;
      });
      client.release(broken);
    }
  }

  /** What changed since that snapshot, which was taken then. */
  async changes(target: VectorTarget, snapshot: string, at: string): Promise<PassageChanges> {
    const { rows } = await this.client.query<{ snapshot: string; at: string; sets: PassageSet[] | null }>({
      name: 'changes',
      text: changesSince,
      values: [this.tenantId, target.id, snapshot, at],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('The database names no snapshot.');
    const sets = row.sets === null || row.sets.length > mostChanges ? undefined : row.sets;
    return { snapshot: row.snapshot, at: row.at, sets };
  }

  /** This transaction's own snapshot, with everything to be compared. */
  async everything(target: VectorTarget): Promise<PassageChanges> {
    return this.changes(target, '1:1:', '-infinity');
  }

  /** The target's sets that may be searched, or those of them that are named. */
  async readySets(target: VectorTarget, some?: readonly PassageSet[]): Promise<ReadySet[]> {
    const values: unknown[] = [this.tenantId, target.id];
    if (some !== undefined) {
      values.push(some.filter(({ ingestionId }) => ingestionId === '').map(({ fileId }) => fileId));
      values.push(some.filter(({ ingestionId }) => ingestionId !== '').map(({ ingestionId }) => ingestionId));
    }
    const { rows } = await this.client.query<ReadySet>(readySets(target.column, some !== undefined), values);
    return rows;
  }

  /** How many chunks the target has, of whatever model and state. */
  async countChunks({ column, id }: VectorTarget): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      `select count(*)::int as count from chunks where tenant_id = $1 and ${column} = $2`,
      [this.tenantId, id],
    );
    return rows[0]?.count ?? 0;
  }

  /** Hands over every chunk of these sets that carries a vector, its signs or the vector itself, set by set. */
  async readChunks(sets: readonly ReadySet[], kind: ChunkKind, column: 'signs' | 'vector', sink: ChunkSink): Promise<void> {
    const moved = sets.filter(({ isMoved }) => isMoved);
    const others = sets.filter(({ isMoved }) => !isMoved);
    const [model, tenantId] = [pg.escapeLiteral(kind.model), pg.escapeLiteral(this.tenantId)];
    const dimensions = Math.trunc(kind.dimensions);
    if (moved.length > 0) {
      await this.copyChunks(
        `select ${keyOf('v')}, v.ordinal, v.${column}, null::real[] from ${named(moved)}
           join passage_vectors v on v.tenant_id = ${tenantId} and v.file_id = s.file_id and v.ingestion_id = s.ingestion_id
          where v.embedding_model = ${model} and v.dimensions = ${dimensions} order by v.file_id, v.ingestion_id, v.ordinal`,
        sink,
      );
    }
    if (others.length === 0) return;
    await this.copyChunks(
      `select ${keyOf('c')}, c.ordinal, v.${column}, case when v.${column} is null then c.embedding end from ${named(others)}
         join chunks c on c.tenant_id = ${tenantId} and c.file_id = s.file_id and c.ingestion_id = s.ingestion_id
         left join passage_vectors v on ${sameChunk}
        where c.embedding_model = ${model} and coalesce(v.dimensions, cardinality(c.embedding)) = ${dimensions}
        order by c.file_id, c.ingestion_id, c.ordinal`,
      sink,
    );
  }

  /** Hands over the vectors of these chunks, as far as they are there; the number of the set's key is the chunk's in the list. */
  async readVectors(places: readonly ChunkPlace[], sink: ChunkSink): Promise<void> {
    const found = new Set<string>();
    const note: ChunkSink = (key, ordinal, bytes, numbers) => {
      found.add(key);
      sink(key, ordinal, bytes, numbers);
    };
    const wanted = (list: readonly number[]): string => {
      const array = (texts: readonly string[], type: string): string =>
        `${pg.escapeLiteral(`{${texts.map((text) => JSON.stringify(text)).join(',')}}`)}::${type}[]`;
      const field = (name: 'fileId' | 'ingestionId' | 'ordinal'): string[] => list.map((at) => String(places[at]?.[name] ?? ''));
      return `unnest(${array(list.map(String), 'int')}, ${array(field('fileId'), 'text')}, ${array(field('ingestionId'), 'text')},
        ${array(field('ordinal'), 'int')}) w (place, file_id, ingestion_id, ordinal)`;
    };
    // One look into the key's index for each: a join would be planned without knowing how few are wanted.
    const each = (table: string, column: string): string =>
      `lateral (select ${column} as found from ${table} t where t.tenant_id = ${pg.escapeLiteral(this.tenantId)} and t.file_id = w.file_id
          and t.ingestion_id = w.ingestion_id and t.ordinal = w.ordinal limit 1) one`;
    const all = places.map((_, at) => at);
    await this.copyChunks(
      `select w.place::text, w.ordinal, one.found, null::real[] from ${wanted(all)}, ${each('passage_vectors', 't.vector')}`,
      note,
    );
    const missing = all.filter((at) => !found.has(String(at)));
    if (missing.length === 0) return;
    await this.copyChunks(
      `select w.place::text, w.ordinal, null::bytea, one.found from ${wanted(missing)}, ${each('chunks', 't.embedding')}`,
      note,
    );
  }

  private async copyChunks(query: string, sink: ChunkSink): Promise<void> {
    const chunks = new CopiedChunks(sink);
    await copyOut(this.client, `copy (${query}) to stdout (format binary)`, (data) => chunks.push(data));
  }
}

/** These sets as rows of a statement. */
function named(sets: readonly PassageSet[]): string {
  const rows = sets.map(({ fileId, ingestionId }) => `(${pg.escapeLiteral(fileId)}, ${pg.escapeLiteral(ingestionId)})`);
  return `(values ${rows.join(', ')}) s (file_id, ingestion_id)`;
}
