import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import pg from 'pg';
import { rescoredOf } from '../dist/platform/vectors/memory/best-by-signs.js';
import { ChunkSource } from '../dist/platform/vectors/memory/chunk-source.js';
import { RetrievalRepository } from '../dist/modules/retrieval/retrieval.repository.js';
import { RetrievalService } from '../dist/modules/retrieval/retrieval.service.js';
import { ConnectionPool } from '../dist/platform/database/connection-pool.js';
import { migrate } from '../dist/platform/database/migrate.js';
import { TenantDatabase } from '../dist/platform/database/tenant-database.js';
import { startEmbeddedPostgres } from '../dist/platform/embedded-postgres/embedded-postgres.js';
import { normalise, scalarProduct } from '../dist/platform/vectors/memory/vector-math.js';
import { readVectorBytes } from '../dist/platform/vectors/vector-bytes.js';
import { MemoryVectorSearch } from '../dist/platform/vectors/memory/memory-vector-search.js';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeWorkFolder, onStop } from './processes.mjs';
import { host } from './report.mjs';
import { fill, question, vectorMaker } from './search-data.mjs';
import { recallOf, signTimes } from './search-signs.mjs';
import { median, percentile } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';

/** As GT_VECTOR_CACHE_BYTES is by default. */
const memoryBytes = 512 * 1024 * 1024;

/** What is promised of a search by vectors on a free core. */
const promises = { 50_000: 30, 1_000_000: 200 };
const lowestRecall = 0.97;

/**
 * How long a search takes, by vectors, by words and by both, on an embedded Postgres of its own; which part of the ten nearest
 * it finds; and how long a million rows take, whose signs are made in memory and whose candidates are read from the smaller
 * table. `plain` is the reference: one loop over as many vectors in this process, without a database, a thread or a sort.
 * @returns `text`, the tables, and `data`, the same as numbers.
 */
export async function search({ options, tell }) {
  const { chunks: sizes, dimensions: lengths, searches, large, questions } = options.search;
  tell('search: starting Postgres');
  const settings = { fsync: 'off', shared_buffers: '256MB' };
  const server = await startEmbeddedPostgres({ dataDir: makeWorkFolder(), settings });
  onStop(() => server.stop());
  await migrate(server.url);
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  onStop(() => client.end());
  const watch = watchForeignLoad([{ relayPids: [], otherPids: [server.pid] }]);
  const results = [];
  let rescoring;
  for (const dimensions of lengths) {
    for (const chunks of sizes) {
      tell(`search: filling ${chunks} chunks of ${dimensions} dimensions`);
      const make = vectorMaker('clusters', { chunks, dimensions });
      await fill(client, { chunks, make });
      tell('search: measuring');
      const plain = await plainTimes({ chunks, dimensions, searches });
      results.push({ chunks, dimensions, plain, ...(await measure(server.url, { make, searches })) });
      rescoring = { chunks, dimensions, times: await rescoringTimes(server.url, { chunks, large, make, searches }) };
    }
  }
  const foreignLoad = watch();
  const { dimensions, chunks } = results.at(-1);
  const recalls = [];
  for (const kind of ['clusters', 'crowds', 'noise']) {
    tell(`search: recall on ${kind}`);
    recalls.push({ kind, recall: recallOf(kind, { chunks, dimensions, questions }) });
  }
  tell(`search: signs of ${large} rows`);
  const signs = [signTimes({ chunks, dimensions, searches }), signTimes({ chunks: large, dimensions, searches })];
  return searchReport({ searches, results, recalls, signs, rescoring, foreignLoad });
}

/** Reading and comparing as many vectors as a search of the large dataset re-ranks, of a table of the small one. */
async function rescoringTimes(databaseUrl, { chunks, large, make, searches }) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on('error', () => undefined);
  const anyPlace = () => {
    const at = Math.floor(Math.random() * chunks);
    return { fileId: `file-${Math.floor(at / 100)}`, ingestionId: '', ordinal: at % 100 };
  };
  const question = make();
  const vector = new Float32Array(question.length);
  const times = await timed(searches, () => {
    const places = Array.from({ length: rescoredOf(large, 40) }, anyPlace);
    return ChunkSource.read(pool, 'ten_bench', (source) =>
      source.readVectors(places, (_place, _ordinal, bytes) => {
        readVectorBytes(bytes, 0, vector);
        normalise(vector, 0, vector.length);
        scalarProduct(vector, 0, question);
      }),
    );
  });
  await pool.end();
  return times;
}

async function timed(times, work) {
  const samples = [];
  for (let turn = 0; turn < times; turn += 1) {
    const start = performance.now();
    await work();
    samples.push(performance.now() - start);
  }
  return samples;
}

/** The best score of as many vectors by the loop that anyone would write. */
async function plainTimes({ chunks, dimensions, searches }) {
  const matrix = new Float32Array(chunks * dimensions).map(() => Math.random() - 0.5);
  const query = new Float32Array(dimensions).map(() => Math.random() - 0.5);
  return timed(Math.min(searches, 20), () => {
    let best = -Infinity;
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      let sum = 0;
      for (let at = 0, from = chunk * dimensions; at < dimensions; at += 1) sum += matrix[from + at] * query[at];
      if (sum > best) best = sum;
    }
    return best;
  });
}

async function measure(databaseUrl, { make, searches }) {
  const connections = new ConnectionPool({ DATABASE_URL: databaseUrl, GT_DATABASE_POOL: 4 });
  const vectors = new MemoryVectorSearch({ databaseUrl, memoryBytes });
  const retrieval = new RetrievalService(vectors, new RetrievalRepository(new TenantDatabase(connections)));
  const scope = { datasetIds: ['ds_bench'], conversationIds: [], embeddingModel: 'embed' };
  const targets = [{ kind: 'dataset', id: 'ds_bench', embeddingModel: 'embed' }];
  const nearest = () => vectors.nearest('ten_bench', scope, [...make()], 10);
  const find = (embed) => retrieval.search('ten_bench', targets, question(), { limit: 10, embed });
  try {
    const [cold] = await timed(1, nearest);
    await timed(5, nearest);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const byVectors = await timed(searches, nearest);
    delay.disable();
    await timed(5, () => find());
    const byWords = await timed(searches, () => find());
    const both = await timed(searches, () => find(async () => [[...make()]]));
    return { cold, byVectors, byWords, both, held: delay.percentile(99) / 1e6 };
  } finally {
    await vectors.close();
    await connections.close();
  }
}

/** The tables and the same as numbers. */
function searchReport({ searches, results, recalls, signs, rescoring, foreignLoad }) {
  const about = { ...host(), searches: `${searches} of each kind`, foreignLoad };
  const header = [
    'search, ms',
    'plain p50',
    'vectors p50',
    'p99',
    'promised',
    'ratio',
    'first',
    'words p50',
    'p99',
    'both p50',
    'p99',
    'loop held',
  ];
  const tables = [
    textTable([header, ...results.map(row)]),
    textTable([
      ['recall at 10', 'found', 'promised'],
      ...recalls.map(({ kind, recall }) => [
        kind,
        numberText(recall, 3),
        kind === 'noise' ? '' : verdict(lowestRecall, recall >= lowestRecall),
      ]),
    ]),
    textTable([
      ['signs made in memory, ms', 'MB', 're-ranked', 'signs p50', 'p99', 'without SIMD p50', 'p99'],
      ...signs.map(signRow),
    ]),
    largeLines(signs.at(-1), rescoring),
  ];
  const text = [...headLines(about), ...tables.flatMap((lines) => ['', ...lines]), ''].join('\n');
  return { text, data: { about, figures: results.map(summary), recalls, signs, rescoring: summaryOf(rescoring, signs.at(-1)) } };
}

function verdict(promised, isMet) {
  return `${promised}${isMet ? '' : ' MISSED'}`;
}

function signRow({ chunks, dimensions, megabytes, rescored, signs, plain }) {
  const times = [signs.p50, signs.p99, plain.p50, plain.p99].map((ms) => numberText(ms, 1));
  return [`${chunks} rows × ${dimensions}`, numberText(megabytes, 0), String(rescored), ...times];
}

/** A search of the large dataset, as the sum of its two parts. */
function summaryOf({ chunks, dimensions, times }, large) {
  const pair = { p50: median(times), p99: percentile(times, 0.99) };
  return { chunks, dimensions, ...pair, together: { p50: large.signs.p50 + pair.p50, p99: large.signs.p99 + pair.p99 } };
}

function largeLines(large, rescoring) {
  const { p50, p99, together, chunks } = summaryOf(rescoring, large);
  const ms = (value) => numberText(value, 1);
  const promised = promises[large.chunks];
  return [
    `${large.rescored} vectors read from a table of ${chunks}: p50 ${ms(p50)}, p99 ${ms(p99)} ms`,
    `${large.chunks} rows, signs from memory and that reading together: p50 ${ms(together.p50)}, p99 ${ms(together.p99)} ms` +
      (promised === undefined ? '' : `, promised ${verdict(promised, together.p99 <= promised)}`),
  ];
}

/** Milliseconds; `ratio` is the search by vectors ÷ the plain loop, both in the middle. */
function summary({ chunks, dimensions, plain, cold, byVectors, byWords, both, held }) {
  const pair = (times) => ({ p50: median(times), p99: percentile(times, 0.99) });
  const ratio = median(byVectors) / median(plain);
  return {
    chunks,
    dimensions,
    plain: median(plain),
    cold,
    vectors: pair(byVectors),
    words: pair(byWords),
    both: pair(both),
    ratio,
    held,
  };
}

function row(result) {
  const { chunks, dimensions, plain, vectors, ratio, cold, words, both, held } = summary(result);
  const numbers = [vectors.p50, vectors.p99].map((ms) => numberText(ms, 1));
  const further = [words.p50, words.p99, both.p50, both.p99, held].map((ms) => numberText(ms, 1));
  return [
    `${chunks} chunks × ${dimensions}`,
    numberText(plain, 1),
    ...numbers,
    promises[chunks] === undefined ? '' : verdict(promises[chunks], vectors.p99 <= promises[chunks]),
    numberText(ratio, 2),
    numberText(cold, 0),
    ...further,
  ];
}
