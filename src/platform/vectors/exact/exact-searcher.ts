import pg from 'pg';
import { targetsOf, type VectorHit, type VectorScope, type VectorTarget } from '../vector-search.js';
import { BestHits } from './best-hits.js';
import { ChunkSource, type CountedSet, type ReadySet } from './chunk-source.js';
import { type Matrix, MatrixCache } from './matrix-cache.js';
import { isKept, setKey, type KeptSets } from './passage-set.js';
import { Segment } from './segment.js';
import { normalise, scalarProduct } from './vector-math.js';

export interface ExactSearcherOptions {
  readonly databaseUrl: string;
  /** The most memory that vectors take between two searches. */
  readonly cacheBytes: number;
}

/** One search of one target. */
interface Search {
  readonly source: ChunkSource;
  readonly target: VectorTarget;
  readonly model: string;
  readonly only: KeptSets;
  /** Of the length one. */
  readonly query: Float32Array;
  readonly best: BestHits;
}

const ordinalBytes = 4;
/** The longest list of sets in one statement. */
const setsAtOnce = 1_000;

/**
 * Exact search: every vector of the scope is compared. Vectors stay in memory by target and model; each search first asks
 * the database whether the target's ready sets of passages are still those, and reads only the ones that are new. A target that would
 * not fit beneath the cap is compared while it is read and not kept. Runs in a thread of its own.
 */
export class ExactSearcher {
  private readonly pool: pg.Pool;
  private readonly cache: MatrixCache;
  private readonly refreshing = new Map<string, Promise<void>>();

  constructor({ databaseUrl, cacheBytes }: ExactSearcherOptions) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      max: 3,
      application_name: 'gt-vectors',
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 10_000,
    });
    this.pool.on('error', () => undefined);
    this.cache = new MatrixCache(cacheBytes);
  }

  async nearest(tenantId: string, scope: VectorScope, query: Float32Array, limit: number): Promise<readonly VectorHit[]> {
    const best = new BestHits(limit);
    const targets = targetsOf(scope);
    if (limit <= 0 || targets.length === 0 || !normalise(query, 0, query.length)) return [];
    const only = scope.only && new Set(scope.only.map(setKey));
    await ChunkSource.read(this.pool, tenantId, async (source) => {
      for (const target of targets) {
        const key = JSON.stringify([tenantId, target.column, target.id, scope.embeddingModel]);
        await this.searchTarget(key, { source, target, model: scope.embeddingModel, only, query, best });
      }
    });
    return best.list();
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async searchTarget(key: string, search: Search): Promise<void> {
    const signature = await search.source.signature(search.target);
    // One refresh of a target at a time: the second search finds what the first has read.
    for (;;) {
      const matrix = this.cache.get(key);
      if (matrix?.signature === signature) return scan(matrix, search);
      const other = this.refreshing.get(key);
      if (other === undefined) break;
      await other.catch(() => undefined);
    }
    const running = this.refresh(key, signature, search);
    this.refreshing.set(key, running);
    try {
      await running;
    } finally {
      this.refreshing.delete(key);
    }
  }

  private async refresh(key: string, signature: string, search: Search): Promise<void> {
    const ready = await search.source.readySets(search.target);
    const kept = this.cache.get(key);
    kept?.keepOnly(new Map(ready.map((set) => [setKey(set), set.version])));
    const missing = await countChunks(
      ready.filter((set) => kept?.segments.has(setKey(set)) !== true),
      search,
    );
    const matrix = this.cache.reserve(key, await neededBytes(missing, search));
    if (matrix === undefined) {
      // What was kept has left the cache, but this one search can still use it.
      if (kept !== undefined) scan(kept, search);
      return streamChunks(missing, search);
    }
    try {
      await readSegments(matrix, missing, search);
      matrix.signature = signature;
      scan(matrix, search);
    } finally {
      matrix.reservedBytes = 0;
    }
  }
}

async function countChunks(sets: readonly ReadySet[], { source, model }: Search): Promise<CountedSet[]> {
  const counted: CountedSet[] = [];
  for (const part of partsOf(sets)) counted.push(...(await source.countChunks(part, model)));
  return counted;
}

async function neededBytes(sets: readonly CountedSet[], { source, model }: Search): Promise<number> {
  const first = sets.find(({ chunks }) => chunks > 0);
  if (first === undefined) return 0;
  const chunks = sets.reduce((sum, set) => sum + set.chunks, 0);
  return chunks * ((await source.dimensions(first, model)) * Float32Array.BYTES_PER_ELEMENT + ordinalBytes);
}

function scan(matrix: Matrix, { only, query, best }: Search): void {
  for (const [key, segment] of matrix.segments) if (isKept(only, key)) segment.scan(query, best);
}

async function readSegments(matrix: Matrix, sets: readonly CountedSet[], { source, model }: Search): Promise<void> {
  for (const part of partsOf(sets)) {
    const byKey = new Map(part.map((set) => [setKey(set), set]));
    const segments = new Map<string, Segment>();
    await source.readChunks(part, model, (key, ordinal, vector) => {
      let segment = segments.get(key);
      const set = byKey.get(key);
      if (set === undefined) return;
      if (segment === undefined) {
        segment = new Segment(set, set.version, vector.length, set.chunks);
        segments.set(key, segment);
      }
      segment.add(ordinal, vector);
    });
    // A set without vectors is known as such; a part that broke off leaves nothing behind.
    for (const [key, set] of byKey) matrix.segments.set(key, segments.get(key) ?? new Segment(set, set.version, 0, 0));
  }
}

async function streamChunks(sets: readonly CountedSet[], { source, model, only, query, best }: Search): Promise<void> {
  for (const part of partsOf(sets.filter((set) => isKept(only, setKey(set))))) {
    const byKey = new Map(part.map((set) => [setKey(set), set]));
    await source.readChunks(part, model, (key, ordinal, vector) => {
      const set = byKey.get(key);
      if (set === undefined || vector.length !== query.length || !normalise(vector, 0, vector.length)) return;
      best.offer(set, ordinal, scalarProduct(vector, 0, query));
    });
  }
}

function partsOf<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += setsAtOnce) parts.push(list.slice(at, at + setsAtOnce));
  return parts;
}
