import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import pg from 'pg';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { MemoryVectorSearch } from '../../src/platform/vectors/memory/memory-vector-search.js';
import { PassageWordsRepository } from '../../src/modules/files/ingestion/passage-words.repository.js';
import { PassageWordsService } from '../../src/modules/files/ingestion/passage-words.service.js';
import { RetrievalRepository } from '../../src/modules/retrieval/retrieval.repository.js';
import { RetrievalService, type EmbedTexts } from '../../src/modules/retrieval/retrieval.service.js';
import type { SearchTarget } from '../../src/modules/retrieval/passage.js';
import { createMigratedDatabase } from '../support/app.js';
import { compileSource } from '../support/compile-source.js';
import { addFile, addTenant, keepFormerPassages, model, vectorOf, type FixtureFile } from '../support/passages.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';

const tenantId = 'ten_acme';
const compiled = join(runFolder(), `search-${process.pid}`);

let database: TestDatabase;
let pool: pg.Pool;
let connections: ConnectionPool;
let vectors: MemoryVectorSearch;
let retrieval: RetrievalService;

const run = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
  pool.query(text, values.length === 0 ? undefined : [...values]);
const embed: EmbedTexts = (texts) => Promise.resolve(texts.map(vectorOf));
const dataset = (id = 'ds_acme', embeddingModel: string | null = model): SearchTarget => ({
  kind: 'dataset',
  id,
  embeddingModel,
});
const conversation = (id = 'conv_acme'): SearchTarget => ({ kind: 'conversation', id, embeddingModel: model });
const add = (file: Omit<FixtureFile, 'tenantId'> & { tenantId?: string }): Promise<void> => addFile(run, { tenantId, ...file });

/** The exact driver on this test's database, in a thread of what the sources are now. */
function exactSearch(memoryBytes = 1024 * 1024): MemoryVectorSearch {
  const thread = pathToFileURL(join(compiled, 'platform/vectors/memory/vector-thread.js'));
  return new MemoryVectorSearch({ databaseUrl: database.url, memoryBytes, thread });
}

async function found(query: string, targets: readonly SearchTarget[] = [dataset()], withVectors = true): Promise<string[]> {
  const passages = await retrieval.search(tenantId, targets, query, { limit: 10, embed: withVectors ? embed : undefined });
  return passages.map(({ fileId, ordinal }) => `${fileId} ${ordinal}`);
}

const byWords = (query: string): Promise<string[]> => found(query, [dataset()], false);

async function nearest(query: string, search: MemoryVectorSearch = vectors): Promise<string[]> {
  const hits = await search.nearest(
    tenantId,
    { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: model },
    vectorOf(query),
    10,
  );
  return hits.map(({ fileId, ordinal }) => `${fileId} ${ordinal}`);
}

beforeAll(async () => {
  await compileSource(compiled, ['platform/vectors/vector-search.ts', 'platform/vectors/memory']);
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
  await keepFormerPassages(run);
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  vectors = exactSearch();
  retrieval = new RetrievalService(vectors, new RetrievalRepository(new TenantDatabase(connections)));
});
afterAll(async () => {
  await vectors.close();
  await connections.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await addTenant(run, 'acme');
  await addTenant(run, 'other');
});
afterEach(() => pool.query('delete from tenants'));

describe('search in documents', () => {
  it('finds the passage that answers, with where it stands', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      filename: 'pump.pdf',
      chunks: ['The cellar is damp.', { text: 'The warranty of the pump X200 lasts 30 months.', source: { page: 7 } }],
    });
    await add({ id: 'file-b', datasetId: 'ds_acme', chunks: ['Lunch is served at noon.'] });
    const [first] = await retrieval.search(tenantId, [dataset()], 'How long does the warranty of the X200 last?', {
      limit: 3,
      embed,
    });
    expect(first).toMatchObject({
      fileId: 'file-a',
      filename: 'pump.pdf',
      ordinal: 1,
      text: 'The warranty of the pump X200 lasts 30 months.',
      source: { page: 7 },
      datasetId: 'ds_acme',
      conversationId: null,
    });
    expect(first?.score).toBeGreaterThan(1 / 61);
  });

  it('goes by words alone where no vector can be had', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: ['The warranty lasts 30 months.', { text: 'Nothing else.', embedding: null }],
    });
    const answers = await Promise.all([
      found('warranty', [dataset()], false),
      found('warranty', [dataset('ds_acme', null)]),
      retrieval.search(tenantId, [dataset()], 'warranty', { limit: 3, embed: () => Promise.resolve(null) }),
    ]);
    expect(answers.map((answer) => answer.length)).toEqual([1, 1, 1]);
  });

  it('ends with the error of the call that embeds', async () => {
    const failing: EmbedTexts = () => Promise.reject(new Error('The provider is away.'));
    await expect(retrieval.search(tenantId, [dataset()], 'warranty', { limit: 3, embed: failing })).rejects.toThrow(
      'The provider is away.',
    );
  });

  it('asks each embedding model for its own targets, and compares no vectors of different models', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: [{ text: 'alpha', embedding: [1, 0] }], model: 'm1' });
    await add({ id: 'file-b', datasetId: 'ds_acme_2', chunks: [{ text: 'beta', embedding: [1, 0] }], model: 'm2' });
    const asked: string[] = [];
    const perModel: EmbedTexts = (_texts, name) => {
      asked.push(name);
      return Promise.resolve([name === 'm1' ? [1, 0] : [-1, 0]]);
    };
    const passages = await retrieval.search(tenantId, [dataset('ds_acme', 'm1'), dataset('ds_acme_2', 'm2')], 'gamma', {
      limit: 5,
      embed: perModel,
    });
    expect([asked.sort(), passages.map(({ fileId }) => fileId)]).toEqual([['m1', 'm2'], ['file-a']]);
  });

  it('gives nothing for nothing: no target, no file, no words', async () => {
    expect(await found('warranty', [])).toEqual([]);
    expect(await found('warranty')).toEqual([]);
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['The warranty lasts 30 months.'] });
    expect(await found('   ')).toEqual([]);
    expect(await retrieval.search(tenantId, [dataset()], 'warranty', { limit: 0, embed })).toEqual([]);
  });

  it('orders ties by file and place, the same every time', async () => {
    for (const id of ['file-c', 'file-a', 'file-b']) {
      await add({ id, datasetId: 'ds_acme', chunks: [{ text: `tie of ${id}`, embedding: vectorOf('tie') }] });
    }
    for (let time = 0; time < 3; time += 1) expect(await found('tie')).toEqual(['file-a 0', 'file-b 0', 'file-c 0']);
    expect(await nearest('tie')).toEqual(['file-a 0', 'file-b 0', 'file-c 0']);
  });

  it('gives neighbours of one file without the words that they share', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: [
        'The pump is blue. It has two valves on its left side.',
        'It has two valves on its left side. Close the pump at night.',
      ],
    });
    const passages = await retrieval.search(tenantId, [dataset()], 'pump', { limit: 5, embed });
    expect(
      passages
        .map(({ text }) => text)
        .join('')
        .match(/two valves/g),
    ).toHaveLength(1);
    expect(passages).toHaveLength(2);
  });
});

describe('words', () => {
  it('are all asked for; where no passage has them all, the rare ones lead', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: [
        'The pump, the pump, and again the pump.',
        'A pump of the type X200.',
        'The warranty of a pump.',
        'Lunch is at noon.',
      ],
    });
    expect(await byWords('pump warranty')).toEqual(['file-a 2']);
    expect((await byWords('Is there any warranty on the unicorn pump?'))[0]).toBe('file-a 2');
    expect(await byWords('unicorn')).toEqual([]);
    expect(await byWords('what is the')).not.toEqual([]);
  });

  it('may be quoted, or excluded', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['red pump', 'pump of red colour', 'blue pump'] });
    expect(await byWords('"red pump"')).toEqual(['file-a 0']);
    expect(await byWords('pump -red')).toEqual(['file-a 2']);
  });

  it('are found in Chinese, Japanese, Korean, Arabic and Hebrew', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: [
        '我们的退货政策：三十天内可以退货。',
        '保証期間は二年間です。',
        '보증 기간은 2년입니다.',
        'مدة الضمان سنتان، ابتداءً من الشراء.',
        'תקופת האחריות היא שנתיים.',
      ],
    });
    expect(await byWords('退货政策')).toEqual(['file-a 0']);
    expect(await byWords('保証期間')).toEqual(['file-a 1']);
    expect(await byWords('보증')).toEqual(['file-a 2']);
    expect(await byWords('ما هي مدة الضمان؟')).toEqual(['file-a 3']);
    expect(await byWords('«האחריות»')).toEqual(['file-a 4']);
  });

  it('are found whatever their capitals, quotation marks, ligatures and widths', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['“ÜBERGABE” — die ﬁnale ＡＢＣ'] });
    for (const query of ['übergabe', 'Übergabe?', '„finale“', 'abc']) expect(await byWords(query)).toEqual(['file-a 0']);
  });

  it('beside accents that stand alone are indexed and found', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['caf\u00b4 \u02d8 and \u00a8 the pump \u0301'] });
    expect(await byWords('pump')).toEqual(['file-a 0']);
    expect(await byWords('\u02d8')).toEqual(['file-a 0']);
  });

  it('and signs of any kind are a question like another', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: ["It's a | b & !c <-> d:* 'quoted' \\ back", 'http://a.example/x?y=1&z=2'],
    });
    const odd = [
      '\0',
      "'",
      '"',
      "'' & |",
      '!',
      '-x',
      ':*',
      '<->',
      '\\',
      '((',
      '\ud800',
      '\uffff',
      "a:* 'b",
      '\u02d8',
      'e \u0301 \u00b4',
      'http://a.example/x?y=1&z=2',
      '-'.repeat(5_000),
      '-"'.repeat(500),
      'a or '.repeat(400),
      '-a '.repeat(600),
      'x'.repeat(10_000),
      '字'.repeat(3_000),
    ];
    for (const query of odd) expect(Array.isArray(await found(query))).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (query) => {
        await byWords(query);
      }),
      { numRuns: 100 },
    );
    expect((await byWords("it's b"))[0]).toBe('file-a 0');
  });

  it('are looked up in the index, behind row-level security too', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: Array.from({ length: 2_000 }, (_, at) => ({ text: `pump number${at}`, embedding: null })),
    });
    await pool.query('analyze chunks');
    const client = await pool.connect();
    const plans: string[] = [];
    client.on('notice', ({ message = '' }) => plans.push(message));
    await client.query(
      `load 'auto_explain'; begin; set local auto_explain.log_min_duration = 0; set local auto_explain.log_nested_statements = on`,
    );
    await client.query(
      `set local client_min_messages = log; set local role gt_app; select set_config('gt.tenant_id', '${tenantId}', true)`,
    );
    const release = await client.query(`select from gt_match_chunks('number77', '{}', '{}', '{ds_acme}', '{}', 10)`);
    const { rowCount } = await client.query(
      `select from gt_find_chunks('number77', '{}', '{}', '{}', 'number77', '{}', '{ds_acme}', '{}', 10)`,
    );
    await client.query('rollback');
    client.release(true);
    const indexes = ['chunks_words_idx', 'chunks_search_words_idx'].map((name) => plans.some((plan) => plan.includes(name)));
    expect([release.rowCount, rowCount, ...indexes]).toEqual([1, 1, true, true]);
  });

  it.each([
    ['The input/output ratio, the client/server split of 2025/26.', ['output', 'input', 'server', '2025', 'input/output']],
    ['The codes ACME-4711 and CVE-2026-2332 apply.', ['4711', '2332', 'acme', 'ACME-4711', 'acme 4711', 'cve-2026-2332']],
    ['Use node.js and report.pdf here. It ended.Next begins.', ['node', 'report', 'report.pdf', 'Next', 'ended']],
    [
      'Write to anna.schmidt@example.com or https://intranet.example.com/wiki/Leave_Policy now.',
      ['schmidt', 'example.com', 'intranet', 'Leave_Policy', 'leave policy', 'anna.schmidt@example.com'],
    ],
    ['The e-mail goes to the adminis-\ntration.', ['email', 'e-mail', 'mail', 'administration']],
    ['Die Kün\u00addi\u00adgungs\u200bfrist beträgt.', ['Kündigungsfrist', 'kundigungsfrist']],
    ['Straße, Ёлка, Λόγος, Ærø, Łódź, İstanbul', ['STRASSE', 'straße', 'елка', 'ΛΌΓΟΣ', 'λογος', 'aero', 'lodz', 'istanbul']],
    ['ห้องประชุมต้องจองล่วงหน้าสามวัน', ['ห้องประชุม', 'จอง', 'ประชุม']],
    ['បន្ទប់ប្រជុំត្រូវកក់ទុកជាមុន', ['ប្រជុំ']],
    ['ຫ້ອງປະຊຸມຕ້ອງຈອງລ່ວງໜ້າ', ['ປະຊຸມ']],
    ['အစည်းအဝေးခန်းကို ကြိုတင်မှာယူပါ', ['ကြိုတင်']],
    ['می\u200cخواهم مُحَمَّد', ['میخواهم', 'محمد']],
  ])('are found whole and in parts, whatever their accents: %s', async (text, queries) => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: [text, 'nothing of the kind'] });
    const missed: string[] = [];
    for (const query of queries) if ((await byWords(query)).join() !== 'file-a 0') missed.push(query);
    expect(missed).toEqual([]);
  });

  it('that stand as they are typed come first', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: ['The resume of Muller.', 'The résumé of Müller.', 'ACME 4711', 'ACME-4711'],
    });
    expect(await byWords('müller')).toEqual(['file-a 1', 'file-a 0']);
    expect(await byWords('Muller')).toEqual(['file-a 0', 'file-a 1']);
    expect(await byWords('résumé')).toEqual(['file-a 1', 'file-a 0']);
    expect(await byWords('acme-4711')).toEqual(['file-a 3', 'file-a 2']);
  });

  it('of an older release are found as before, beside new ones, until a job brings them over', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      isOld: true,
      chunks: ['The red pump.', 'input/output of a Straße', 'or blue'],
    });
    await add({ id: 'file-b', datasetId: 'ds_acme', chunks: ['Another red pump, and its input/output.'] });
    expect([await byWords('pump'), await byWords('"red pump" -another')]).toEqual([['file-b 0', 'file-a 0'], ['file-a 0']]);
    expect((await byWords('which unicorn pump')).sort()).toEqual(['file-a 0', 'file-b 0']);
    expect(await byWords('output')).toEqual(['file-b 0']);
    const service = new PassageWordsService(new PassageWordsRepository(new PlatformDatabase(connections)));
    const signal = new AbortController().signal;
    expect([await service.bringOver(signal), await service.bringOver(signal)]).toEqual([3, 0]);
    expect((await byWords('output')).sort()).toEqual(['file-a 1', 'file-b 0']);
    expect(await byWords('strasse')).toEqual(['file-a 1']);
  });
});

describe('what a search may see', () => {
  it('is only the targets that it names', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['pump one'] });
    await add({ id: 'file-b', datasetId: 'ds_acme_2', chunks: ['pump two'] });
    await add({ id: 'file-c', conversationId: 'conv_acme', chunks: ['pump three'] });
    expect(await found('pump', [dataset('ds_acme_2')])).toEqual(['file-b 0']);
    expect(await found('pump', [conversation()])).toEqual(['file-c 0']);
    expect((await found('pump', [dataset(), conversation()])).sort()).toEqual(['file-a 0', 'file-c 0']);
  });

  it("is never another tenant's, not even by its ids", async () => {
    await add({ tenantId: 'ten_other', id: 'file-x', datasetId: 'ds_other', chunks: ['pump of others'] });
    await add({ tenantId: 'ten_other', id: 'file-y', conversationId: 'conv_other', chunks: ['pump of others'] });
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['pump'] });
    expect(await found('pump', [dataset(), dataset('ds_other'), conversation('conv_other')])).toEqual(['file-a 0']);
    // The other tenant's own search has put its vectors into the thread's memory; they stay its own.
    const other = await retrieval.search('ten_other', [dataset('ds_other'), conversation('conv_other')], 'pump', {
      limit: 5,
      embed,
    });
    expect(other.map(({ fileId }) => fileId)).toEqual(['file-x', 'file-y'].slice(0, other.length));
    expect(await found('pump', [dataset(), dataset('ds_other'), conversation('conv_other')])).toEqual(['file-a 0']);
  });

  it('is nothing without a tenant, also for one who calls the functions of the database', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['pump'] });
    const rowsOf = async (tenant: string): Promise<number | null> => {
      const client = await pool.connect();
      await client.query('begin; set local role gt_app');
      await client.query(`select set_config('gt.tenant_id', $1, true)`, [tenant]);
      const { rowCount } = await client.query(
        `select from gt_find_chunks('pump', '{}', '{}', '{}', 'pump', '{}', '{ds_acme}', '{}', 10)`,
      );
      await client.query('rollback');
      client.release();
      return rowCount;
    };
    expect([await rowsOf(tenantId), await rowsOf('ten_other'), await rowsOf('')]).toEqual([1, 0, 0]);
  });

  it('is no file that failed, and a file that is made anew with the passages it had', async () => {
    await add({ id: 'file-failed', datasetId: 'ds_acme', state: 'failed', chunks: ['pump'] });
    expect([await found('pump'), await nearest('pump')]).toEqual([[], []]);
    for (const state of ['stored', 'parsed', 'chunked', 'embedded', 'ready'])
      await add({ id: `file-${state}`, datasetId: 'ds_acme', state, attempts: 3, chunkAttempt: 2, chunks: [`pump ${state}`] });
    const served = ['file-chunked 0', 'file-embedded 0', 'file-parsed 0', 'file-ready 0', 'file-stored 0'];
    expect([(await found('pump')).sort(), (await nearest('pump')).sort()]).toEqual([served, served]);
  });

  it('changes at once: files that are deleted, made ready, or processed anew', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['pump'] });
    await add({ id: 'file-b', datasetId: 'ds_acme', chunks: ['pump and valve'] });
    expect((await nearest('pump')).length).toBe(2);
    await pool.query(`delete from files where id = 'file-a'`);
    expect([await found('pump'), await nearest('pump')]).toEqual([['file-b 0'], ['file-b 0']]);
    await add({ id: 'file-c', datasetId: 'ds_acme', chunks: ['another pump'] });
    expect((await nearest('pump')).sort()).toEqual(['file-b 0', 'file-c 0']);
    await pool.query(`update files set state = 'stored', attempts = 2 where id = 'file-b'`);
    expect((await nearest('pump')).sort()).toEqual(['file-b 0', 'file-c 0']);
    await pool.query(`delete from chunks where file_id = 'file-b'`);
    await pool.query(`delete from files where id = 'file-b'`);
    await add({ id: 'file-b', datasetId: 'ds_acme', attempts: 2, chunks: ['a new first', 'a new pump'] });
    expect((await nearest('pump')).sort()).toEqual(['file-b 0', 'file-b 1', 'file-c 0']);
  });
});

describe('exact search', () => {
  it('gives what comparing all by hand gives, kept in memory or streamed past it', async () => {
    const random = (): number[] => Array.from({ length: 9 }, () => Math.random() - 0.5);
    const all: { name: string; embedding: number[] }[] = [];
    for (let file = 0; file < 20; file += 1) {
      const chunks = Array.from({ length: 1 + (file % 7) }, (_, ordinal) => ({
        text: `${file} ${ordinal}`,
        embedding: random(),
      }));
      await add({ id: `file-${file}`, datasetId: 'ds_acme', chunks });
      all.push(...chunks.map(({ embedding }, ordinal) => ({ name: `file-${file} ${ordinal}`, embedding })));
    }
    const query = random();
    const cosine = (vector: readonly number[]): number =>
      vector.reduce((sum, value, at) => sum + value * (query[at] ?? 0), 0) / Math.hypot(...vector) / Math.hypot(...query);
    const expected = all
      .map(({ name, embedding }) => ({ name, score: cosine(embedding) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 10);
    const streaming = exactSearch(100);
    const scope = { datasetIds: ['ds_acme', 'ds_acme'], conversationIds: [], embeddingModel: model };
    for (const search of [vectors, vectors, streaming, streaming]) {
      const hits = await search.nearest(tenantId, scope, query, 10);
      expect(hits.map(({ fileId, ordinal }) => `${fileId} ${ordinal}`)).toEqual(expected.map(({ name }) => name));
      hits.forEach(({ score }, index) => expect(score).toBeCloseTo(expected[index]?.score ?? NaN, 5));
    }
    await streaming.close();
  });

  it('passes over vectors of another length and without a direction, and answers such questions with nothing', async () => {
    await add({
      id: 'file-a',
      datasetId: 'ds_acme',
      chunks: [
        { text: 'a', embedding: [1, 0, 0] },
        { text: 'b', embedding: vectorOf('').map(() => 0) },
        'pump',
        { text: 'c', embedding: null },
      ],
    });
    await add({ id: 'file-b', datasetId: 'ds_acme', chunks: ['pump'] });
    expect(await nearest('pump')).toContain('file-b 0');
    const scope = { datasetIds: ['ds_acme'], conversationIds: [], embeddingModel: model };
    for (const query of [[], [0, 0, 0], [NaN, 1, 0], [1, 2]])
      expect(await vectors.nearest(tenantId, scope, query, 5)).toEqual([]);
  });

  it('reads a target once for searches that come together, and answers each', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['pump', 'valve'] });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => nearest(at % 2 === 0 ? 'pump' : 'valve')));
    expect(answers.map(([first]) => first)).toEqual(
      Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? 'file-a 0' : 'file-a 1')),
    );
  });

  it('starts no thread before its first search, and says so when it was closed', async () => {
    const search = exactSearch();
    expect([
      search.started,
      await search.nearest(tenantId, { datasetIds: [], conversationIds: [], embeddingModel: model }, [1], 5),
    ]).toEqual([false, []]);
    await search.close();
    await expect(nearest('pump', search)).rejects.toThrow('The vector search is closed.');
  });

  it('fails a search when the database cannot be reached, and goes on when it can', async () => {
    await add({ id: 'file-a', datasetId: 'ds_acme', chunks: ['pump'] });
    const search = exactSearch();
    expect(await nearest('pump', search)).toEqual(['file-a 0']);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gt-vectors' and datname = current_database()`,
    );
    const again = await nearest('pump', search).catch(() => nearest('pump', search));
    expect(again).toEqual(['file-a 0']);
    await search.close();
    const unreachable = new MemoryVectorSearch({
      databaseUrl: 'postgresql://postgres@127.0.0.1:9/none',
      memoryBytes: 1024,
      thread: pathToFileURL(join(compiled, 'platform/vectors/memory/vector-thread.js')),
    });
    await expect(nearest('pump', unreachable)).rejects.toThrow('The vector search failed');
    await unreachable.close();
  });
});
