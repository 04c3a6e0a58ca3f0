import {
  targetsOf,
  VectorSearch,
  type RecallSample,
  type VectorHit,
  type VectorKind,
  type VectorScope,
} from '../vector-search.js';
import type { PgvectorDatabase, SqlSession } from './pgvector-database.js';
import { buildIndex, indexedExpression, longestVector } from './pgvector-schema.js';

export interface PgvectorOptions {
  /** Up to this many vectors in a scope are all compared; beyond, the index is asked. */
  readonly exactUpTo?: number;
}

/** One question, as the statements take it. */
interface Question {
  readonly dimensions: number;
  readonly limit: number;
  /** Tenant, model, datasets, conversations, the vector as text. */
  readonly values: readonly unknown[];
  /** The files and their ingestions that the scope's filter keeps; none where it has no filter. */
  readonly only: readonly [] | readonly [readonly string[], readonly string[]];
}

/** The rows of a question's scope; the lists of its filter are the parameters from `next` on. */
const inScope = ({ only }: Question, next: number): string => `v.tenant_id = $1 and v.embedding_model = $2
  and (v.dataset_id = any ($3::text[]) or v.conversation_id = any ($4::text[]))
  ${only.length === 0 ? '' : `and (v.file_id, v.ingestion_id) in (select * from unnest($${next}::text[], $${next + 1}::text[]))`}`;
/** The state of a file's own ingestion is the file's. */
const ready = `join files f on f.tenant_id = v.tenant_id and f.id = v.file_id
  left join ingestions i on i.tenant_id = v.tenant_id and i.id = v.ingestion_id`;
const isReady = `coalesce(i.state, f.state) <> 'failed'`;
const answer = `select file_id as "fileId", ingestion_id as "ingestionId", ordinal, 1 - (embedding <=> $5::vector) as score from near
  order by embedding <=> $5::vector, file_id, ingestion_id, ordinal`;

/** How many times the limit the index is asked for, since it is approximate and half precision may swap neighbours. */
const overFetch = 2;

/**
 * Search by pgvector. A scope of up to 10,000 vectors is compared as a whole, since a filter that leaves little of an index
 * costs recall; a larger one asks the HNSW index, which goes on looking until the filter has left enough, and what it found
 * is scored exactly. Should it still find too few, all are compared.
 */
export class PgvectorVectorSearch extends VectorSearch {
  private readonly exactUpTo: number;
  private readonly building = new Map<number, Promise<unknown>>();

  constructor(
    private readonly database: PgvectorDatabase,
    options: PgvectorOptions = {},
  ) {
    super();
    this.exactUpTo = options.exactUpTo ?? 10_000;
  }

  get memoryBytes(): number {
    return 0;
  }

  async nearest(tenantId: string, scope: VectorScope, query: readonly number[], limit: number): Promise<readonly VectorHit[]> {
    if (limit <= 0 || !hasDirection(query) || targetsOf(scope).length === 0) return [];
    const question: Question = {
      dimensions: query.length,
      limit,
      values: [tenantId, scope.embeddingModel, scope.datasetIds, scope.conversationIds, `[${query.map(Math.fround).join(',')}]`],
      only:
        scope.only === undefined
          ? []
          : [scope.only.map(({ fileId }) => fileId), scope.only.map(({ ingestionId }) => ingestionId)],
    };
    return this.database.inTenant(tenantId, async (session) => {
      if (!(await this.isLarge(session, question))) return compareAll(session, question);
      this.ensureIndex(question.dimensions);
      const found = await askIndex(session, question);
      return found.length < limit ? compareAll(session, question) : found;
    });
  }

  async recall(tenantId: string, { target, model, dimensions }: VectorKind, questions: number): Promise<RecallSample | null> {
    const ids = [target.column === 'dataset_id' ? [target.id] : [], target.column === 'conversation_id' ? [target.id] : []];
    return this.database.inTenant(tenantId, async (session) => {
      const values = [tenantId, model, ...ids];
      const asked = (vector: string): Question => ({ dimensions, limit: 10, values: [...values, vector], only: [] });
      if (!(await this.isLarge(session, asked('')))) return null;
      const sampled = await session.query<{ vector: string }>(
        `select v.embedding::text as vector from chunk_vectors v where ${inScope(asked(''), 0)} and v.dimensions = $5::int order by random() limit $6::int`,
        [...values, dimensions, questions],
      );
      let sum = 0;
      for (const { vector } of sampled) {
        const exact = await compareAll(session, asked(vector));
        const last = exact.at(-1)?.score ?? 0;
        const found = (await askIndex(session, asked(vector))).filter(({ score }) => score >= last - 1e-6);
        sum += exact.length === 0 ? 1 : Math.min(1, found.length / exact.length);
      }
      return sampled.length === 0 ? null : { value: sum / sampled.length, sampled: sampled.length };
    });
  }

  /** Resolves when no index is being built. */
  async settled(): Promise<void> {
    await Promise.all(this.building.values());
  }

  /** Breaks off the building of an index; who searches next builds it. */
  async close(): Promise<void> {
    await this.database.close();
    await this.settled();
  }

  private async isLarge(session: SqlSession, question: Question): Promise<boolean> {
    const { dimensions, values, only } = question;
    const [counted] = await session.query<{ large: boolean }>(
      `select count(*) > $5::int as large from (select from chunk_vectors v where ${inScope(question, 7)} and v.dimensions = $6::int limit $5::int + 1) found`,
      [...values.slice(0, 4), this.exactUpTo, dimensions, ...only],
    );
    return counted?.large === true;
  }

  /** Once per process and length, in the background: until the index is there, its question compares all. */
  private ensureIndex(dimensions: number): void {
    if (this.building.has(dimensions)) return;
    const built = this.database.asOwner((session) => buildIndex(session, dimensions)).catch(() => false);
    this.building.set(dimensions, built);
  }
}

function hasDirection(query: readonly number[]): boolean {
  const squares = query.reduce((sum, value) => sum + Math.fround(value) ** 2, 0);
  return query.length <= longestVector && squares > 0 && Number.isFinite(squares);
}

function compareAll(session: SqlSession, question: Question): Promise<readonly VectorHit[]> {
  const { dimensions, limit, values, only } = question;
  return session.query<VectorHit>(
    `with near as materialized (select v.file_id, v.ingestion_id, v.ordinal, v.embedding from chunk_vectors v ${ready} where ${inScope(question, 8)} and ${isReady} and v.dimensions = $6::int)
     ${answer} limit $7::int`,
    [...values, dimensions, limit, ...only],
  );
}

async function askIndex(session: SqlSession, question: Question): Promise<readonly VectorHit[]> {
  const { dimensions, limit, values, only } = question;
  const wanted = limit * overFetch;
  await session.query(`select set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', $1, true)`, [
    String(Math.min(1_000, Math.max(40, wanted))),
  ]);
  const expression = indexedExpression(dimensions);
  const type = expression.slice(expression.indexOf('::') + 2, -1);
  // The number of dimensions stands in the text: the planner takes a partial index only for a constant.
  return session.query<VectorHit>(
    `with near as materialized (
       select v.file_id, v.ingestion_id, v.ordinal, v.embedding from chunk_vectors v ${ready} where ${inScope(question, 8)} and ${isReady} and v.dimensions = ${dimensions}
        order by ${expression.replace('embedding', 'v.embedding')} <=> $5::${type} limit $6::int)
     ${answer} limit $7::int`,
    [...values, wanted, limit, ...only],
  );
}
