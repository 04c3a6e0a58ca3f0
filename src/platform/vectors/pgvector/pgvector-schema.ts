import type { SqlSession } from './pgvector-database.js';

/** The lock of everyone who changes the schema, `migrate` and Prisma's tools. */
const schemaLock = 72707369;
/** The lock of who builds an index: it may take minutes, during which others may start. */
const indexLock = 72707371;

/** The longest vectors that the type takes; an index takes those of `vector` up to 2,000 and of `halfvec` up to 4,000. */
export const longestVector = 16_000;
const longestIndexed = 4_000;
const longestFull = 2_000;

/**
 * Makes the driver's table where pgvector exists, or came after the migrations (`gt_prepare_pgvector`, which has its SQL);
 * a second run changes nothing. False when the database has no pgvector of version 0.8 or newer, its user may not make
 * extensions or tables, or it is not migrated yet.
 */
export async function preparePgvector(session: SqlSession): Promise<boolean> {
  await session.query('begin');
  try {
    await session.query('select pg_advisory_xact_lock($1)', [schemaLock]);
    const [found] = await session.query<{ there: boolean }>(`select to_regproc('gt_prepare_pgvector') is not null as there`);
    const [made] =
      found?.there === true ? await session.query<{ prepared: boolean }>('select gt_prepare_pgvector() as prepared') : [];
    await session.query('commit');
    return made?.prepared === true;
  } catch (error) {
    await session.query('rollback');
    if (isRefusal(error)) return false;
    throw error;
  }
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
