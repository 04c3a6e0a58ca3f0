import type { SqlSession } from './pgvector-database.js';

/** The lock of everyone who changes the schema, `migrate` and Prisma's tools. */
const schemaLock = 72707369;
/** The lock of who builds an index: it may take minutes, during which others may start. */
const indexLock = 72707371;

/** The longest vectors that the type takes; an index takes those of `vector` up to 2,000 and of `halfvec` up to 4,000. */
export const longestVector = 16_000;
const longestIndexed = 4_000;
const longestFull = 2_000;

/** The first version that keeps searching when the filter leaves too few: `hnsw.iterative_scan`. */
const oldestVersion = [0, 8] as const;

/**
 * The table next to `chunks`, filled by a trigger in the transaction that writes a chunk: no writer can forget it, and a
 * process that searches exactly may share the database. It is no numbered migration, since most databases lack the type.
 */
const statements = [
  `create table chunk_vectors (
     tenant_id text not null, file_id text not null, ordinal integer not null,
     dataset_id text, conversation_id text, attempt integer not null,
     embedding_model text not null, dimensions integer not null, embedding vector not null,
     primary key (tenant_id, file_id, ordinal),
     foreign key (tenant_id, file_id, ordinal) references chunks (tenant_id, file_id, ordinal) on delete cascade on update cascade)`,
  `create index chunk_vectors_dataset on chunk_vectors (tenant_id, dataset_id)`,
  `create index chunk_vectors_conversation on chunk_vectors (tenant_id, conversation_id)`,
  `select gt_protect('chunk_vectors', 'SELECT, INSERT, UPDATE, DELETE')`,
  `create or replace function gt_store_vector() returns trigger language plpgsql set search_path = public as $$
   begin
     delete from chunk_vectors v where v.tenant_id = new.tenant_id and v.file_id = new.file_id and v.ordinal = new.ordinal;
     if new.embedding_model is not null and cardinality(new.embedding) between 1 and ${longestVector} then
       insert into chunk_vectors
         select new.tenant_id, new.file_id, new.ordinal, new.dataset_id, new.conversation_id, new.attempt,
                new.embedding_model, cardinality(new.embedding), new.embedding::vector
          where vector_norm(new.embedding::vector) > 0;
     end if;
     return null;
   end
   $$`,
  `create trigger chunks_vector
     after insert or update of tenant_id, file_id, ordinal, dataset_id, conversation_id, attempt, embedding_model, embedding
     on chunks for each row execute function gt_store_vector()`,
  `set local role gt_platform`,
  `insert into chunk_vectors
     select c.tenant_id, c.file_id, c.ordinal, c.dataset_id, c.conversation_id, c.attempt,
            c.embedding_model, cardinality(c.embedding), c.embedding::vector
       from chunks c where c.embedding_model is not null and cardinality(c.embedding) between 1 and ${longestVector}
        and vector_norm(c.embedding::vector) > 0`,
  `reset role`,
];

interface Extension {
  readonly installed: string | null;
  readonly offered: string | null;
}

/**
 * Makes the driver's table where pgvector exists, filled with what `chunks` holds; a second run changes nothing. False when
 * the database has no pgvector of version 0.8 or newer, its user may not make extensions or tables, or has no `chunks` yet.
 */
export async function preparePgvector(session: SqlSession): Promise<boolean> {
  await session.query('begin');
  try {
    await session.query('select pg_advisory_xact_lock($1)', [schemaLock]);
    const prepared = await prepare(session);
    await session.query(prepared ? 'commit' : 'rollback');
    return prepared;
  } catch (error) {
    await session.query('rollback');
    if (isRefusal(error)) return false;
    throw error;
  }
}

async function prepare(session: SqlSession): Promise<boolean> {
  const [extension] = await session.query<Extension>(
    `select installed_version as installed, default_version as offered from pg_available_extensions where name = 'vector'`,
  );
  const version = extension?.installed ?? extension?.offered;
  if (version === undefined || version === null || !isNewEnough(version)) return false;
  const [tables] = await session.query<{ chunks: string | null; vectors: string | null }>(
    `select to_regclass('chunks')::text as chunks, to_regclass('chunk_vectors')::text as vectors`,
  );
  if (tables === undefined || tables.chunks === null) return false;
  if (tables.vectors !== null) return true;
  if (extension?.installed === null) await session.query('create extension if not exists vector');
  for (const statement of statements) await session.query(statement);
  return true;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1]);
}

/** The user of the database may not do this. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42501';
}

/** The expression that the index of this many dimensions is over; a query must name the same. */
export function indexedExpression(dimensions: number): string {
  return `(embedding::${dimensions > longestFull ? 'halfvec' : 'vector'}(${dimensions}))`;
}

/**
 * Builds the index of vectors of this many dimensions unless it is there, while others read and write. One builder at a
 * time: false when another is at work. Nothing is built for more dimensions than an index takes.
 */
export async function buildIndex(session: SqlSession, dimensions: number): Promise<boolean> {
  if (dimensions > longestIndexed) return true;
  const [lock] = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [indexLock]);
  if (lock?.taken !== true) return false;
  try {
    const name = `chunk_vectors_${dimensions}`;
    const [found] = await session.query<{ valid: boolean }>(
      'select indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
      [name],
    );
    if (found?.valid === true) return true;
    // What a builder that was killed left behind.
    if (found !== undefined) await session.query(`drop index concurrently ${name}`);
    const operators = dimensions > longestFull ? 'halfvec_cosine_ops' : 'vector_cosine_ops';
    await session.query(
      `create index concurrently ${name} on chunk_vectors using hnsw (${indexedExpression(dimensions)} ${operators}) where dimensions = ${dimensions}`,
    );
    return true;
  } finally {
    await session.query('select pg_advisory_unlock($1)', [indexLock]);
  }
}
