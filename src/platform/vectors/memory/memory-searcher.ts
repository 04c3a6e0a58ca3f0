import pg from 'pg';
import { targetsOf, type RecallSample, type VectorHit, type VectorScope } from '../vector-search.js';
import { BestHits, type Candidate } from './best-hits.js';
import { bestBySigns, rescoredOf } from './best-by-signs.js';
import { distances, mostBits, type Distances } from './bits/distances.js';
import { partsOf } from './block-loader.js';
import { Blocks, type BlocksOptions, type Streamed } from './blocks.js';
import { ChunkSource, type ChunkKind } from './chunk-source.js';
import { meanRecall, RecallQuestion, recallAt, samplePassages } from './measure-recall.js';
import { isKept, setKey, type KeptSets, type PassageSet } from './passage-set.js';
import { Question } from './question.js';
import { rescore, unitVector } from './rescore.js';
import { VectorBlock } from './vector-block.js';
import { normalise, scalarProduct } from './vector-math.js';

export interface MemorySearcherOptions extends Partial<BlocksOptions> {
  readonly databaseUrl: string;
  readonly memoryBytes: number;
}

/** One search over targets that are at hand. */
interface Search {
  readonly source: ChunkSource;
  readonly kinds: readonly ChunkKind[];
  readonly found: readonly (VectorBlock | Streamed)[];
  readonly only: KeptSets;
  readonly question: Question;
  readonly limit: number;
}

export const defaultExactBelow = 20_000;
const attempts = 4;
const connections = 6;

/**
 * Search in memory. A scope of few vectors is compared as a whole. Of a larger one the signs are kept: those that differ
 * least from the question's are ranked by the question's numbers and their signs, and the best of these by their vectors,
 * which are read from the database. What finds no room in memory is read for each search. Runs in a thread of its own.
 */
export class MemorySearcher {
  private readonly pool: pg.Pool;
  private readonly blocks: Blocks;
  private readonly distances: Distances = distances();
  private readonly exactBelow: number;

  constructor({ databaseUrl, memoryBytes, exactBelow = defaultExactBelow }: MemorySearcherOptions) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      max: connections,
      application_name: 'gt-vectors',
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 10_000,
    });
    this.pool.on('error', () => undefined);
    this.exactBelow = exactBelow;
    this.blocks = new Blocks(this.pool, { memoryBytes, exactBelow });
  }

  /** Bytes of vectors and signs in memory. */
  get bytes(): number {
    return this.blocks.bytes;
  }

  async nearest(tenantId: string, scope: VectorScope, query: Float32Array, limit: number): Promise<readonly VectorHit[]> {
    const targets = targetsOf(scope);
    if (limit <= 0 || targets.length === 0 || query.length > mostBits || !normalise(query, 0, query.length)) return [];
    const kinds = targets.map((target): ChunkKind => ({ target, model: scope.embeddingModel, dimensions: query.length }));
    const only = scope.only && new Set(scope.only.map(setKey));
    const question = new Question(query);
    for (let attempt = 1; ; attempt += 1) {
      for (const kind of kinds) await this.blocks.prepare(tenantId, kind);
      const hits = await ChunkSource.read(this.pool, tenantId, async (source) => {
        const found: (VectorBlock | Streamed)[] = [];
        for (const kind of kinds) {
          const current = await this.blocks.current(tenantId, kind, source);
          if (current === undefined && attempt < attempts) return undefined;
          found.push(current ?? { size: 0 });
        }
        return this.search({ source, kinds, found, only, question, limit });
      });
      if (hits !== undefined) return hits;
    }
  }

  /** See `VectorSearch.recall`. */
  async recall(tenantId: string, kind: ChunkKind, questions: number): Promise<RecallSample | null> {
    await this.blocks.prepare(tenantId, kind);
    return ChunkSource.read(this.pool, tenantId, async (source) => {
      const block = await this.blocks.current(tenantId, kind, source);
      if (!(block instanceof VectorBlock) || block.hasVectors) return null;
      const passages = samplePassages(block, questions);
      const vectors = new Map<number, Float32Array>();
      await source.readVectors(passages, (at, _ordinal, bytes, numbers) => {
        const vector = unitVector(bytes, numbers, kind.dimensions);
        if (vector !== undefined) vectors.set(Number(at), vector);
      });
      const search = { source, kinds: [kind], only: undefined, limit: recallAt + 1 };
      const asked: RecallQuestion[] = [];
      for (const [at, passage] of passages.entries()) {
        const vector = vectors.get(at);
        if (vector === undefined) continue;
        const found = await this.search({ ...search, found: [block], question: new Question(vector) });
        asked.push(new RecallQuestion(passage, vector, found));
      }
      await readStreamed({ ...search, found: [{ size: 0 }] }, 'vector', (set, ordinal, bytes, numbers) => {
        const vector = unitVector(bytes, numbers, kind.dimensions);
        if (vector !== undefined) for (const question of asked) question.compare(set, ordinal, vector);
      });
      return meanRecall(asked);
    });
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async search(search: Search): Promise<readonly VectorHit[]> {
    const size = search.found.reduce((sum, found) => sum + found.size, 0);
    if (size < this.exactBelow) return compareAll(search);
    const candidates = await this.candidates(search, size);
    const hits = await rescore(candidates, { ...search, freeBytes: this.blocks.freeBytes });
    this.blocks.trim();
    return hits;
  }

  /** The passages that may be the best, by their signs. */
  private async candidates(search: Search, size: number): Promise<readonly Candidate[]> {
    const { found, only, question, limit } = search;
    const blocks = found.filter((one) => one instanceof VectorBlock);
    const best = bestBySigns(this.distances, { blocks, only, question, most: rescoredOf(size, limit) });
    await readStreamed(search, 'signs', (set, ordinal, bytes, numbers) => {
      const row = new VectorBlock(question.vector.length, false);
      const number = row.begin();
      if (bytes === undefined) row.addVector(number, ordinal, numbers);
      else row.addSigns(number, ordinal, bytes);
      best.offer(set, ordinal, question.productWith(...row.bitsOf(0)));
    });
    return best.list();
  }
}

/** By every vector. */
async function compareAll(search: Search): Promise<readonly VectorHit[]> {
  const { found, only, question, limit } = search;
  const best = new BestHits(limit);
  const { length } = question.vector;
  for (const block of found) {
    if (!(block instanceof VectorBlock)) continue;
    for (const { first, count, vectors } of block.pieces(only)) {
      for (let row = 0; row < count; row += 1) {
        const score = scalarProduct(vectors, row * length, question.vector);
        if (score < best.lowest) continue;
        const passage = block.passage(first + row);
        if (passage !== undefined) best.offer(passage.set, passage.ordinal, score);
      }
    }
  }
  await readStreamed(search, 'vector', (set, ordinal, bytes, numbers) => {
    const vector = unitVector(bytes, numbers, length);
    if (vector !== undefined) best.offer(set, ordinal, scalarProduct(vector, 0, question.vector));
  });
  return best.list();
}

type StreamedSearch = Pick<Search, 'source' | 'kinds' | 'found' | 'only'>;
type SetSink = (set: PassageSet, ordinal: number, bytes: Buffer | undefined, numbers: Float32Array) => void;

/** Reads the passages of the targets that are not in memory, as far as the filter keeps them. */
async function readStreamed(
  { source, kinds, found, only }: StreamedSearch,
  column: 'signs' | 'vector',
  sink: SetSink,
): Promise<void> {
  for (const [at, kind] of kinds.entries()) {
    if (found[at] instanceof VectorBlock) continue;
    const ready = await source.readySets(kind.target);
    for (const part of partsOf(ready.filter((set) => isKept(only, setKey(set))))) {
      const byKey = new Map(part.map((set) => [setKey(set), set]));
      await source.readChunks(part, kind, column, (key, ordinal, bytes, numbers) => {
        const set = byKey.get(key);
        if (set !== undefined) sink(set, ordinal, bytes, numbers);
      });
    }
  }
}
