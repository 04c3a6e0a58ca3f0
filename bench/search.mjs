import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { RetrievalRepository } from '../dist/modules/retrieval/retrieval.repository.js';
import { RetrievalService } from '../dist/modules/retrieval/retrieval.service.js';
import { ConnectionPool } from '../dist/platform/database/connection-pool.js';
import { migrate } from '../dist/platform/database/migrate.js';
import { TenantDatabase } from '../dist/platform/database/tenant-database.js';
import { startEmbeddedPostgres } from '../dist/platform/embedded-postgres/embedded-postgres.js';
import { ExactVectorSearch } from '../dist/platform/vectors/exact/exact-vector-search.js';
import { fill, question, randomVector } from './search-data.mjs';

/*
 * `node bench/search.mjs`: how long a search takes, by vectors (exact search in its thread), by words and by both, on an
 * embedded Postgres of its own. `plain` is the reference: one loop over as many vectors in this process, without a
 * database, a thread or a sort. Figures, never a pass or a fail.
 */
const { values } = parseArgs({
  options: {
    chunks: { type: 'string', default: '10000,50000' },
    dimensions: { type: 'string', default: '256,1536' },
    searches: { type: 'string', default: '100' },
    'cache-bytes': { type: 'string', default: String(512 * 1024 * 1024) },
  },
});
const numbers = (text) => text.split(',').map(Number);
const searches = Number(values.searches);
const tell = (text) => process.stderr.write(`bench: ${text}\n`);

function percentile(times, part) {
  return [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))];
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
async function plainTimes({ chunks, dimensions }) {
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

async function measure(databaseUrl, { chunks, dimensions }) {
  const connections = new ConnectionPool({ DATABASE_URL: databaseUrl, GT_DATABASE_POOL: 4 });
  const vectors = new ExactVectorSearch({ databaseUrl, cacheBytes: Number(values['cache-bytes']) });
  const retrieval = new RetrievalService(vectors, new RetrievalRepository(new TenantDatabase(connections)));
  const scope = { datasetIds: ['ds_bench'], conversationIds: [], embeddingModel: 'embed' };
  const targets = [{ kind: 'dataset', id: 'ds_bench', embeddingModel: 'embed' }];
  const nearest = () => vectors.nearest('ten_bench', scope, randomVector(dimensions), 10);
  const search = (embed) => retrieval.search('ten_bench', targets, question(), { limit: 10, embed });
  try {
    const [cold] = await timed(1, nearest);
    await timed(5, nearest);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const byVectors = await timed(searches, nearest);
    delay.disable();
    await timed(5, () => search());
    const byWords = await timed(searches, () => search());
    const both = await timed(searches, () => search(async () => [randomVector(dimensions)]));
    return { cold, byVectors, byWords, both, held: delay.percentile(99) / 1e6 };
  } finally {
    await vectors.close();
    await connections.close();
  }
}

function row(cells) {
  return cells.map((cell, at) => (at === 0 ? String(cell).padEnd(16) : String(cell).padStart(at === 2 ? 9 : 15))).join('');
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'gt-bench-search-'));
  tell('starting Postgres');
  const server = await startEmbeddedPostgres({ dataDir: folder, settings: { fsync: 'off', shared_buffers: '256MB' } });
  try {
    await migrate(server.url);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const lines = [
      row(['chunks x dims', 'plain p50', 'ratio', 'vectors p50/99', 'first', 'words p50/99', 'both p50/99', 'loop held p99']),
    ];
    for (const chunks of numbers(values.chunks)) {
      for (const dimensions of numbers(values.dimensions)) {
        tell(`filling ${chunks} chunks of ${dimensions} dimensions`);
        await fill(client, { chunks, dimensions });
        tell('measuring');
        const plain = percentile(await plainTimes({ chunks, dimensions }), 0.5);
        const { cold, byVectors, byWords, both, held } = await measure(server.url, { chunks, dimensions });
        const pair = (times) => `${percentile(times, 0.5).toFixed(1)}/${percentile(times, 0.99).toFixed(1)}`;
        const ratio = (percentile(byVectors, 0.5) / plain).toFixed(2);
        lines.push(
          row([
            `${chunks} x ${dimensions}`,
            plain.toFixed(1),
            ratio,
            pair(byVectors),
            cold.toFixed(0),
            pair(byWords),
            pair(both),
            held.toFixed(1),
          ]),
        );
      }
    }
    await client.end();
    process.stdout.write(
      `${cpus()[0]?.model.trim()}, ${cpus().length} cores, node ${process.version}; milliseconds, ${searches} searches each\n${lines.join('\n')}\n`,
    );
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
