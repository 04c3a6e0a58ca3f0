import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { RecallRepository } from '../../src/modules/retrieval/recall.repository.js';
import { RecallService } from '../../src/modules/retrieval/recall.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { MemorySearcher } from '../../src/platform/vectors/memory/memory-searcher.js';
import { MemoryVectorSearch } from '../../src/platform/vectors/memory/memory-vector-search.js';
import { signBits, vectorBytes } from '../../src/platform/vectors/vector-bytes.js';
import type { VectorHit, VectorScope } from '../../src/platform/vectors/vector-search.js';
import { createMigratedDatabase } from '../support/app.js';
import { compileSource } from '../support/compile-source.js';
import { addTenant, type RunSql } from '../support/passages.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';

/*
 * Search in memory over scopes that are large: by signs, then by the vectors of the best. `exactBelow` is low here, so a few
 * thousand passages are a large scope.
 */
const dimensions = 256;
const model = 'm';
const compiled = join(runFolder(), `memory-${process.pid}`);
const searchers: MemorySearcher[] = [];

let database: TestDatabase;
let pool: pg.Pool;

const run: RunSql = (text, values = []) => pool.query(text, values.length === 0 ? undefined : [...values]);

function searcher(options: { exactBelow?: number; memoryBytes?: number } = {}): MemorySearcher {
  const made = new MemorySearcher({ databaseUrl: database.url, memoryBytes: 64 * 1024 * 1024, ...options });
  searchers.push(made);
  return made;
}

/** Numbers of the normal distribution, the same in every run. */
function normals(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

/** Vectors around centres, as meanings are. */
function clustered(seed: number, centres: number): () => Float32Array {
  const normal = normals(seed);
  const middle = Array.from({ length: centres }, () => Float32Array.from({ length: dimensions }, normal));
  return () => {
    const centre = middle[Math.floor(Math.abs(normal()) * 1_000) % centres];
    return Float32Array.from({ length: dimensions }, (_, at) => (centre?.[at] ?? 0) + 0.7 * normal());
  };
}

interface VectorFile {
  readonly slug?: string;
  readonly id: string;
  /** Of another target than the file's own. */
  readonly ingestionId?: string;
  readonly datasetId?: string;
  readonly attempt?: number;
  readonly vectors: readonly Float32Array[];
}

/** The passages of a file, as this release writes them. */
async function addPassages(sql: RunSql, file: VectorFile): Promise<void> {
  const { slug = 'acme', id, ingestionId = '', datasetId = `ds_${slug}`, attempt = 1, vectors } = file;
  const values = [`ten_${slug}`, id, ingestionId, datasetId, attempt, vectors.map((_, at) => at)];
  await sql(
    `insert into chunks (tenant_id, file_id, ingestion_id, dataset_id, attempt, ordinal, text, tokens, embedding_model)
     select $1, $2, $3, $4, $5, at, 'x', 1, '${model}' from unnest($6::int[]) at`,
    values,
  );
  await sql(
    `insert into passage_vectors (tenant_id, file_id, ingestion_id, dataset_id, ordinal, embedding_model, dimensions, signs, vector)
     select $1, $2, $3, $4, at, '${model}', octet_length(vector) / 4, signs, vector
       from unnest($5::int[], $6::bytea[], $7::bytea[]) v (at, signs, vector)`,
    [...values.slice(0, 4), values[5], vectors.map(signBits), vectors.map(vectorBytes)],
  );
  await sql(
    `update ingestions set vector_attempt = $4, passages = $5 where tenant_id = $1 and file_id = $2 and (id = $3 or (is_own and $3 = ''))`,
    [`ten_${slug}`, id, ingestionId, attempt, vectors.length],
  );
}

async function addFile(sql: RunSql, file: VectorFile): Promise<void> {
  const { slug = 'acme', id, attempt = 1 } = file;
  await sql(
    `insert into files (tenant_id, id, kind, purpose, filename, media_type, bytes, sha256, storage_key, key_id, dataset_id, state, attempts)
     values ($1, $2, 'dataset', 'assistants', 'x', 'text/plain', 1, '', '', 'key_1', $3, 'ready', $4)`,
    [`ten_${slug}`, id, `ds_${slug}`, attempt],
  );
  await addPassages(sql, file);
}

async function addFiles(make: () => Float32Array, files: number, each: number, slug = 'acme'): Promise<void> {
  for (let file = 0; file < files; file += 1)
    await addFile(run, { slug, id: `file-${slug}-${file}`, vectors: Array.from({ length: each }, make) });
}

const scopeOf = (slug = 'acme', only?: VectorScope['only']): VectorScope => ({
  datasetIds: [`ds_${slug}`],
  conversationIds: [],
  embeddingModel: model,
  ...(only && { only }),
});

const nearest = (search: MemorySearcher, query: Float32Array, scope = scopeOf(), limit = 10): Promise<readonly VectorHit[]> =>
  search.nearest('ten_acme', scope, Float32Array.from(query), limit);

const names = (hits: readonly VectorHit[]): string[] =>
  hits.map(({ fileId, ingestionId, ordinal }) => [fileId, ingestionId, ordinal].filter((part) => part !== '').join(' '));

/** Which part of what the first found the second found too. */
function recall(expected: readonly VectorHit[], found: readonly VectorHit[]): number {
  const all = new Set(names(found));
  return names(expected).filter((name) => all.has(name)).length / expected.length;
}

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  for (const slug of ['acme', 'other']) await addTenant(run, slug);
});
afterEach(async () => {
  for (const made of searchers.splice(0)) await made.close();
  await pool.query('delete from tenants');
  await pool.query('delete from passage_changes');
});

describe('a large scope', () => {
  it('is searched by signs and then by vectors: nearly all that comparing all finds, with the same scores', async () => {
    const make = clustered(11, 40);
    await addFiles(make, 60, 100);
    // The signs and where they stand take an eighth of a byte for each number, not four. With more room vectors are kept too.
    const memoryBytes = 6_000 * (dimensions / 8 + 8) * 1.5;
    const [exact, bySigns, roomy] = [searcher(), searcher({ exactBelow: 1_000, memoryBytes }), searcher({ exactBelow: 1_000 })];
    let sum = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      const question = make();
      const expected = await nearest(exact, question);
      const found = await nearest(bySigns, question);
      for (const again of [1, 2]) expect([again, await nearest(roomy, question)]).toEqual([again, found]);
      const scores = new Map(expected.map((hit, at) => [names([hit])[0], expected[at]?.score]));
      for (const hit of found) expect(scores.get(names([hit])[0] ?? '') ?? hit.score).toBe(hit.score);
      sum += recall(expected, found);
    }
    expect(sum / 20).toBeGreaterThanOrEqual(0.97);
    expect(bySigns.bytes).toBeGreaterThan(6_000 * (dimensions / 8));
    expect(bySigns.bytes).toBeLessThanOrEqual(memoryBytes);
    expect(roomy.bytes).toBeGreaterThan(2 * memoryBytes);
  });

  it('finds the same when it finds no room in memory and is read for each search', async () => {
    const make = clustered(12, 20);
    await addFiles(make, 20, 100);
    const all = [
      [searcher(), searcher({ memoryBytes: 10_000 })],
      [searcher({ exactBelow: 500 }), searcher({ exactBelow: 500, memoryBytes: 10_000 })],
    ] as const;
    const only = [3, 4, 5].map((file) => ({ fileId: `file-acme-${file}`, ingestionId: '' }));
    for (const [kept, streamed] of all) {
      for (const scope of [scopeOf(), scopeOf('acme', only)]) {
        const question = make();
        const found = await nearest(streamed, question, scope);
        expect(found).toHaveLength(10);
        expect(recall(await nearest(kept, question, scope), found)).toBeGreaterThanOrEqual(0.9);
      }
      expect(streamed.bytes).toBeLessThanOrEqual(10_000);
    }
  });

  it('keeps to a filter, however little it leaves, and compares all of what is little', async () => {
    const make = clustered(13, 4);
    await addFiles(make, 30, 100);
    const lone = Float32Array.from({ length: dimensions }, (_, at) => (at === 0 ? 1 : -0.01));
    await addFile(run, { id: 'file-lone', vectors: [lone] });
    const [exact, bySigns] = [searcher(), searcher({ exactBelow: 500 })];
    const question = make();
    const one = scopeOf('acme', [{ fileId: 'file-lone', ingestionId: '' }]);
    expect(names(await nearest(bySigns, question, one))).toEqual(['file-lone 0']);
    expect(await nearest(bySigns, question, scopeOf('acme', []))).toEqual([]);
    expect(await nearest(bySigns, question, scopeOf('acme', [{ fileId: 'file-lone', ingestionId: 'ing_x' }]))).toEqual([]);
    const four = scopeOf(
      'acme',
      [1, 2, 3, 4].map((file) => ({ fileId: `file-acme-${file}`, ingestionId: '' })),
    );
    expect(await nearest(bySigns, question, four)).toEqual(await nearest(exact, question, four));
  });

  it("is a tenant's own, also where another names it", async () => {
    const make = clustered(14, 4);
    await addFiles(make, 6, 100);
    await addFiles(make, 6, 100, 'other');
    const bySigns = searcher({ exactBelow: 500 });
    const both = { ...scopeOf(), datasetIds: ['ds_acme', 'ds_other'] };
    for (const slug of ['acme', 'other', 'acme']) {
      const found = await bySigns.nearest(`ten_${slug}`, both, make(), 600);
      expect(found).toHaveLength(600);
      expect(found.every(({ fileId }) => fileId.startsWith(`file-${slug}-`))).toBe(true);
    }
  });
});

describe.each([
  ['compared as a whole', {}],
  ['searched by signs', { exactBelow: 50 }],
  ['read for each search', { exactBelow: 50, memoryBytes: 100 }],
])('a scope that is %s', (_how, options) => {
  const at = (place: number): Float32Array => Float32Array.from({ length: dimensions }, (_, i) => (i === place ? 1 : -0.01));
  const around = clustered(15, 3);
  const files = async (search: MemorySearcher): Promise<string[]> =>
    [...new Set(names(await nearest(search, at(1), scopeOf(), 1_000)).map((name) => name.replace(/ \d+$/, '')))].sort();

  it('follows what is committed: added, deleted, failed, made anew, attached and detached', async () => {
    await addFiles(around, 3, 40);
    const search = searcher(options);
    const base = ['file-acme-0', 'file-acme-1', 'file-acme-2'];
    expect(await files(search)).toEqual(base);
    await addFile(run, { id: 'file-new', vectors: [at(1)] });
    expect(await files(search)).toEqual([...base, 'file-new']);
    expect(names(await nearest(search, at(1)))[0]).toBe('file-new 0');
    await run(`update files set state = 'failed' where id = 'file-new'`);
    expect(await files(search)).toEqual(base);
    await run(`update files set state = 'stored', attempts = 2 where id = 'file-new'`);
    expect(await files(search)).toEqual([...base, 'file-new']);
    // Made anew: the first passage is another one now.
    const client = await pool.connect();
    const inOne: RunSql = (text, values = []) => client.query(text, [...values]);
    await inOne('begin');
    await inOne(`delete from chunks where file_id = 'file-new'`);
    await addPassages(inOne, { id: 'file-new', attempt: 2, vectors: [at(7), at(1)] });
    expect(names(await nearest(search, at(1)))[0]).toBe('file-new 0');
    await inOne('commit');
    client.release();
    expect(names(await nearest(search, at(1)))[0]).toBe('file-new 1');
    expect(names(await nearest(search, at(7)))[0]).toBe('file-new 0');
    await run(`delete from files where id = 'file-new'`);
    expect(await files(search)).toEqual(base);
    // A file of another place is attached here.
    await addFile(run, { id: 'file-lent', vectors: [at(9)] });
    const second = { ...scopeOf(), datasetIds: ['ds_acme_2'] };
    expect(await nearest(search, at(1), second)).toEqual([]);
    await run(
      `insert into ingestions (tenant_id, id, file_id, target_kind, target_id, state) values ('ten_acme', 'ing_z', 'file-lent', 'dataset', 'ds_acme_2', 'ready')`,
    );
    const attached = Array.from({ length: 60 }, around);
    await addPassages(run, { id: 'file-lent', ingestionId: 'ing_z', datasetId: 'ds_acme_2', vectors: attached });
    const found = await nearest(search, attached[5] ?? at(1), second, 5);
    expect([found.length, names(found)[0]]).toEqual([5, 'file-lent ing_z 5']);
    expect(names(await nearest(search, at(1), { ...second, only: [{ fileId: 'file-lent', ingestionId: '' }] }))).toEqual([]);
    expect(await nearest(search, at(1), { ...second, only: [{ fileId: 'file-lent', ingestionId: 'ing_z' }] })).toHaveLength(10);
    await run(`delete from ingestions where id = 'ing_z'`);
    expect(await nearest(search, at(1), second)).toEqual([]);
  });

  it('shows what a transaction commits that began before others, which were seen', async () => {
    await addFiles(around, 3, 40);
    const search = searcher(options);
    const client = await pool.connect();
    const slow: RunSql = (text, values = []) => client.query(text, [...values]);
    await slow('begin');
    await addFile(slow, { id: 'file-slow', vectors: [at(1)] });
    expect(await files(search)).not.toContain('file-slow');
    await addFile(run, { id: 'file-quick', vectors: [at(2)] });
    expect(await files(search)).toContain('file-quick');
    await slow('commit');
    client.release();
    expect(names(await nearest(search, at(1)))[0]).toBe('file-slow 0');
  });

  it('is found whole by searches that come while it grows', async () => {
    await addFiles(around, 3, 40);
    const search = searcher(options);
    const growing = (async () => {
      const client = await pool.connect();
      const inOne: RunSql = (text, values = []) => client.query(text, [...values]);
      for (let file = 3; file < 15; file += 1) {
        await inOne('begin');
        await addFile(inOne, { id: `file-acme-${file}`, vectors: Array.from({ length: 10 }, around) });
        await inOne('commit');
      }
      client.release();
    })();
    let grown = false;
    void growing.then(() => (grown = true));
    while (!grown) {
      const counts = await Promise.all([1, 2, 3].map(() => nearest(search, at(1), scopeOf(), 1_000)));
      for (const found of counts) expect([found.length % 10, new Set(names(found)).size]).toEqual([0, found.length]);
    }
    await growing;
    expect(await nearest(search, at(1), scopeOf(), 1_000)).toHaveLength(240);
  });

  it('that has changed for longer than changes are kept is compared as a whole', async () => {
    await addFiles(around, 3, 40);
    const search = searcher(options);
    expect(await files(search)).toHaveLength(3);
    for (let file = 3; file < 30; file += 1) await addFile(run, { id: `file-acme-${file}`, vectors: [around()] });
    await run(`delete from files where id = 'file-acme-1'`);
    expect(await files(search)).toHaveLength(29);
  });
});

describe('the recall of large datasets', () => {
  it('is measured by the job, kept, measured anew when it is old, and forgotten where all are compared', async () => {
    await compileSource(compiled, ['platform/vectors/vector-search.ts', 'platform/vectors/memory']);
    const thread = pathToFileURL(join(compiled, 'platform/vectors/memory/vector-thread.js'));
    const open = (exactBelow: number): MemoryVectorSearch =>
      new MemoryVectorSearch({ databaseUrl: database.url, memoryBytes: 64 * 1024 * 1024, thread, exactBelow });
    const [bySigns, exact] = [open(500), open(1_000_000)];
    const connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
    const repository = new RecallRepository(new PlatformDatabase(connections));
    const { signal } = new AbortController();
    const kept = async (): Promise<unknown[]> =>
      (await pool.query('select tenant_id, dataset_id, value, sampled, at from dataset_recalls order by 1')).rows;
    await addFiles(clustered(17, 10), 20, 100);
    await addFiles(clustered(18, 10), 1, 100, 'other');
    await new RecallService(bySigns, repository).measure(signal, 1_000);
    const first = await kept();
    const value = (first[0] as { value: number } | undefined)?.value;
    expect(first).toMatchObject([{ tenant_id: 'ten_acme', dataset_id: 'ds_acme', sampled: 20 }]);
    expect(value).toBeGreaterThanOrEqual(0.97);
    expect(value).toBeLessThanOrEqual(1);
    await new RecallService(bySigns, repository).measure(signal, 1_000);
    expect(await kept()).toEqual(first);
    await pool.query(`update dataset_recalls set at = now() - interval '2 days', value = 0`);
    await new RecallService(bySigns, repository).measure(signal, 1_000);
    expect(((await kept())[0] as { value: number }).value).toBeGreaterThanOrEqual(0.97);
    await pool.query(`update dataset_recalls set at = now() - interval '2 days'`);
    await new RecallService(exact, repository).measure(signal, 1_000);
    expect(await kept()).toEqual([]);
    await bySigns.close();
    await exact.close();
    await connections.close();
  });
});

describe('the memory of many tenants', () => {
  it('stays beneath its bound, and every search is right', async () => {
    const slugs = Array.from({ length: 12 }, (_, at) => `t${at}`);
    const make = clustered(16, 5);
    const last = new Map<string, Float32Array>();
    for (const slug of slugs) {
      await addTenant(run, slug);
      const vectors = Array.from({ length: 100 }, make);
      last.set(slug, vectors[99] ?? new Float32Array());
      await addFile(run, { slug, id: `file-${slug}`, vectors });
    }
    // A tenant takes about 130 KB: room for four of twelve.
    const memoryBytes = 600_000;
    const search = searcher({ memoryBytes });
    for (let turn = 0; turn < 40; turn += 1) {
      const slug = slugs[(turn * 7) % slugs.length] ?? '';
      const hits = await search.nearest(`ten_${slug}`, scopeOf(slug), Float32Array.from(last.get(slug) ?? []), 3);
      expect([hits.length, names(hits)[0]]).toEqual([3, `file-${slug} 99`]);
      expect(search.bytes).toBeLessThanOrEqual(memoryBytes);
    }
    expect(search.bytes).toBeGreaterThan(0);
  });
});
