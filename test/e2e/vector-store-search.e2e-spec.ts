import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toFile, type OpenAI } from 'openai';
import { storeFilter, type StoreFilter } from '../../src/contracts/vector-store-filters.js';
import type { Attributes } from '../../src/modules/vector-stores/attachment-record.js';
import { matches } from '../../src/modules/vector-stores/attribute-filter.js';
import { StoreSearchRepository } from '../../src/modules/vector-stores/store-search.repository.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { FilesBench } from '../support/files.js';
import { openai } from '../support/relay.js';

const places: readonly { readonly name: string; readonly text: string; readonly attributes: Attributes }[] = [
  {
    name: 'north.txt',
    text: 'The north gate opens at six. Its code is ACME-4711.',
    attributes: { year: 2024, side: 'north', open: true },
  },
  { name: 'south.txt', text: 'The south gate opens at seven.', attributes: { year: 2025, side: 'south', open: false } },
  { name: 'tower.txt', text: 'The tower has a bell that rings at noon.', attributes: { year: 2026, side: 'north' } },
  { name: 'kitchen.txt', text: 'Soup is served in the kitchen.', attributes: {} },
];

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };
let client: OpenAI;
let id: string;
let tenantId: string;

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
  client = openai(bench.url, key);
  tenantId = (await bench.platform.factory.run((tx) => tx.tenant.findUniqueOrThrow({ where: { slug: 'acme' } }))).id;
  await bench.worker();
  id = (await client.vectorStores.create({})).id;
  const files = await Promise.all(
    places.map(async ({ name, text, attributes }) => {
      const file = await toFile(Buffer.from(text), name);
      return { file_id: (await client.files.create({ file, purpose: 'assistants' })).id, attributes: { ...attributes } };
    }),
  );
  const batch = await client.vectorStores.fileBatches.create(id, { files });
  await client.vectorStores.fileBatches.poll(id, batch.id, { pollIntervalMs: 100 });
}, 90_000);
afterAll(() => bench.close());

type Body = Parameters<OpenAI['vectorStores']['search']>[1];
const found = async (body: Body): Promise<string[]> =>
  (await client.vectorStores.search(id, body)).data.map(({ filename }) => filename);
const rest = (body: object) => bench.call(key.secret, 'POST', `/vector_stores/${id}/search`, body);

describe('vector_stores.search', () => {
  it('finds the best first, with scores from 0 to 1 that fall', async () => {
    const { data } = await client.vectorStores.search(id, { query: 'When does the north gate open?' });
    expect(data[0]?.filename).toBe('north.txt');
    const scores = data.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const score of scores) expect(score > 0 && score <= 1).toBe(true);
    expect(await found({ query: 'When does the north gate open?', max_num_results: 1 })).toEqual(['north.txt']);
  });

  it('leaves out what scores below the threshold', async () => {
    const query = 'The north gate opens at six';
    const all = (await client.vectorStores.search(id, { query })).data;
    const [best, second] = all;
    expect(all.length).toBeGreaterThan(1);
    const between = ((best?.score ?? 0) + (second?.score ?? 0)) / 2;
    expect(await found({ query, ranking_options: { score_threshold: between } })).toEqual(['north.txt']);
    expect(await found({ query, ranking_options: { score_threshold: 1 } })).toEqual([]);
  });

  it('answers several questions with the passages of each', async () => {
    const { body } = await rest({ query: ['bell at noon', 'soup kitchen'], max_num_results: 2 });
    expect(body.search_query).toEqual(['bell at noon', 'soup kitchen']);
    expect((body.data as { filename: string }[]).map(({ filename }) => filename).sort()).toEqual(['kitchen.txt', 'tower.txt']);
  });

  it('ranks by vectors alone with the ranker none, and by words too else', async () => {
    const of = async (ranker: 'none' | 'auto') =>
      (await client.vectorStores.search(id, { query: 'ACME-4711', ranking_options: { ranker } })).data.find(
        ({ filename }) => filename === 'north.txt',
      )?.score ?? 0;
    expect(await of('auto')).toBeGreaterThan(await of('none'));
  });

  it('takes rewrite_query and searches what was asked', async () => {
    const { status, body } = await rest({ query: 'bell', rewrite_query: true });
    expect([status, body.search_query, body.data[0].filename]).toEqual([200, ['bell'], 'tower.txt']);
  });

  it.each<[string, StoreFilter, string[]]>([
    ['eq', { type: 'eq', key: 'side', value: 'north' }, ['north.txt', 'tower.txt']],
    ['ne', { type: 'ne', key: 'side', value: 'north' }, ['kitchen.txt', 'south.txt']],
    ['gt', { type: 'gt', key: 'year', value: 2025 }, ['tower.txt']],
    ['gte', { type: 'gte', key: 'year', value: 2025 }, ['south.txt', 'tower.txt']],
    ['lt', { type: 'lt', key: 'year', value: 2025 }, ['north.txt']],
    ['lte', { type: 'lte', key: 'year', value: 2025 }, ['north.txt', 'south.txt']],
    ['in', { type: 'in', key: 'year', value: [2024, 2026] }, ['north.txt', 'tower.txt']],
    ['nin', { type: 'nin', key: 'year', value: [2024, 2026] }, ['kitchen.txt', 'south.txt']],
    ['a switch', { type: 'eq', key: 'open', value: false }, ['south.txt']],
    ['a text that looks like a number', { type: 'eq', key: 'year', value: '2024' }, []],
    [
      'and',
      {
        type: 'and',
        filters: [
          { type: 'eq', key: 'side', value: 'north' },
          { type: 'gt', key: 'year', value: 2024 },
        ],
      },
      ['tower.txt'],
    ],
    [
      'or',
      {
        type: 'or',
        filters: [
          { type: 'eq', key: 'side', value: 'south' },
          { type: 'eq', key: 'year', value: 2026 },
        ],
      },
      ['south.txt', 'tower.txt'],
    ],
    [
      'and within or',
      {
        type: 'or',
        filters: [
          { type: 'eq', key: 'side', value: 'south' },
          {
            type: 'and',
            filters: [
              { type: 'eq', key: 'side', value: 'north' },
              { type: 'eq', key: 'open', value: true },
            ],
          },
        ],
      },
      ['north.txt', 'south.txt'],
    ],
    ['nothing', { type: 'eq', key: 'side', value: 'west' }, []],
  ])('filters with %s', async (_name, filters, names) => {
    const query = 'The gate opens at six, seven, noon; soup, bell, tower, kitchen';
    expect((await found({ query, filters: filters as NonNullable<Body['filters']> })).sort()).toEqual(names);
  });

  it.each([
    ['no question', {}, 'query'],
    ['an empty question', { query: '' }, 'query'],
    ['51 results', { query: 'x', max_num_results: 51 }, 'max_num_results'],
    ['no results', { query: 'x', max_num_results: 0 }, 'max_num_results'],
    ['an unknown ranker', { query: 'x', ranking_options: { ranker: 'best' } }, 'ranking_options.ranker'],
    ['a threshold above 1', { query: 'x', ranking_options: { score_threshold: 1.1 } }, 'ranking_options.score_threshold'],
    ['an unknown comparison', { query: 'x', filters: { type: 'like', key: 'a', value: 'b' } }, 'filters.type'],
    ['a list to be equal to', { query: 'x', filters: { type: 'eq', key: 'a', value: ['b'] } }, 'filters.value'],
    ['one value to be among', { query: 'x', filters: { type: 'in', key: 'a', value: 'b' } }, 'filters.value'],
    ['a switch above which to be', { query: 'x', filters: { type: 'gt', key: 'a', value: true } }, 'filters.value'],
    ['an unknown field', { query: 'x', colour: 'red' }, 'colour'],
  ])('refuses %s', async (_name, body, param) => {
    expect(await rest(body)).toMatchObject({ status: 400, body: { error: { param } } });
  });

  it('goes by words alone while the embedding model does not answer', async () => {
    const dead = await client.vectorStores.create({});
    await bench.platform.factory.run((tx) => tx.dataset.updateMany({ where: { id: dead.id }, data: { model: 'sandbox-none' } }));
    expect((await client.vectorStores.search(dead.id, { query: 'bell' })).data).toEqual([]);
  });
});

describe('filters in the database', () => {
  const keys = ['a', 'b', "it's", 'ключ'];
  const text = fc
    .oneof(
      fc.constantFrom('', 'a', 'B', 'b', 'ä', '10', '9', "'", '\\', '🙂', '\uffff'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    )
    .filter((value) => !value.includes('\0') && !/\p{Cs}/u.test(value));
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const value = fc.oneof(text, number, fc.boolean());
  const key_ = fc.constantFrom(...keys);
  const comparison = fc.oneof(
    fc.record({ type: fc.constantFrom('eq', 'ne'), key: key_, value }),
    fc.record({ type: fc.constantFrom('gt', 'gte', 'lt', 'lte'), key: key_, value: fc.oneof(text, number) }),
    fc.record({ type: fc.constantFrom('in', 'nin'), key: key_, value: fc.array(value, { maxLength: 4 }) }),
  );
  const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      comparison,
      fc.record({ type: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    ),
  }));
  const attributes = fc.dictionary(key_, value, { maxKeys: 4 });

  it('keep exactly the files that a plain evaluation keeps', async () => {
    const store = await client.vectorStores.create({});
    const database = bench.platform.app.running.app.get(TenantDatabase, { strict: false });
    const repository = new StoreSearchRepository();
    const count = 40;
    await bench.platform.factory.run(async (tx) => {
      for (let at = 0; at < count; at += 1) {
        const file = {
          kind: 'file',
          purpose: 'assistants',
          filename: 'f',
          mediaType: 'text/plain',
          bytes: 1,
          sha256: '',
          storageKey: '',
          keyId: 'k',
          state: 'ready',
        };
        await tx.file.create({ data: { tenantId, id: `file-p${at}`, ...file } });
        await tx.ingestion.create({
          data: { tenantId, id: `ing_p${at}`, fileId: `file-p${at}`, targetKind: 'dataset', targetId: store.id, state: 'ready' },
        });
      }
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(attributes, { minLength: count, maxLength: count }),
        fc.array(filter, { minLength: 10, maxLength: 10 }),
        async (sets, filters) => {
          const rows = sets.map((set, at) => ({ id: `ing_p${at}`, set }));
          await bench.platform.factory.run(
            (tx) => tx.$executeRaw`
          update ingestions i set attributes = g.set from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) g (id text, set jsonb)
           where i.tenant_id = ${tenantId} and i.id = g.id`,
          );
          for (const one of filters) {
            const parsed: StoreFilter = storeFilter.parse(one);
            const kept = await database.run(tenantId, (tx) => repository.filtered(tx, tenantId, [store.id], parsed));
            const expected = rows.filter(({ set }) => matches(parsed, JSON.parse(JSON.stringify(set)) as Attributes));
            expect(kept.map(({ ingestionId }) => ingestionId).sort()).toEqual(expected.map((row) => row.id).sort());
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});
