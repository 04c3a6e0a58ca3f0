import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import pg from 'pg';
import { RetrievalRepository } from '../dist/modules/retrieval/retrieval.repository.js';
import { RetrievalService } from '../dist/modules/retrieval/retrieval.service.js';
import { ConnectionPool } from '../dist/platform/database/connection-pool.js';
import { migrate } from '../dist/platform/database/migrate.js';
import { TenantDatabase } from '../dist/platform/database/tenant-database.js';
import { startEmbeddedPostgres } from '../dist/platform/embedded-postgres/embedded-postgres.js';
import { ExactVectorSearch } from '../dist/platform/vectors/exact/exact-vector-search.js';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeWorkFolder, onStop } from './processes.mjs';
import { host } from './report.mjs';
import { fill, question, randomVector } from './search-data.mjs';
import { median, percentile } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';

/** As GT_VECTOR_CACHE_BYTES is by default. */
const cacheBytes = 512 * 1024 * 1024;

/**
 * How long a search takes, by vectors (exact search in its thread), by words and by both, on an embedded Postgres of its
 * own. `plain` is the reference: one loop over as many vectors in this process, without a database, a thread or a sort.
 * @returns `text`, the table, and `data`, the same as numbers.
 */
export async function search({ options, tell }) {
  const { chunks: sizes, dimensions: lengths, searches } = options.search;
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
  for (const chunks of sizes) {
    for (const dimensions of lengths) {
      tell(`search: filling ${chunks} chunks of ${dimensions} dimensions`);
      await fill(client, { chunks, dimensions });
      tell('search: measuring');
      const plain = await plainTimes({ chunks, dimensions, searches });
      results.push({ chunks, dimensions, plain, ...(await measure(server.url, { dimensions, searches })) });
    }
  }
  return searchReport({ searches, results, foreignLoad: watch() });
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
  const query = Float32Array.from(randomVector(dimensions));
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

async function measure(databaseUrl, { dimensions, searches }) {
  const connections = new ConnectionPool({ DATABASE_URL: databaseUrl, GT_DATABASE_POOL: 4 });
  const vectors = new ExactVectorSearch({ databaseUrl, cacheBytes });
  const retrieval = new RetrievalService(vectors, new RetrievalRepository(new TenantDatabase(connections)));
  const scope = { datasetIds: ['ds_bench'], conversationIds: [], embeddingModel: 'embed' };
  const targets = [{ kind: 'dataset', id: 'ds_bench', embeddingModel: 'embed' }];
  const nearest = () => vectors.nearest('ten_bench', scope, randomVector(dimensions), 10);
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
    const both = await timed(searches, () => find(async () => [randomVector(dimensions)]));
    return { cold, byVectors, byWords, both, held: delay.percentile(99) / 1e6 };
  } finally {
    await vectors.close();
    await connections.close();
  }
}

/** The table and the same as numbers. */
function searchReport({ searches, results, foreignLoad }) {
  const about = { ...host(), searches: `${searches} of each kind`, foreignLoad };
  const header = [
    'search, ms',
    'plain p50',
    'vectors p50',
    'p99',
    'ratio',
    'first',
    'words p50',
    'p99',
    'both p50',
    'p99',
    'loop held',
  ];
  const text = [...headLines(about), '', ...textTable([header, ...results.map(row)]), ''].join('\n');
  return { text, data: { about, figures: results.map(summary) } };
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
    numberText(ratio, 2),
    numberText(cold, 0),
    ...further,
  ];
}
