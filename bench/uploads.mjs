import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { watchForeignLoad } from './foreign-load.mjs';
import { announcedPort, makeWorkFolder, onStop, startProcess } from './processes.mjs';
import { launchProduct } from './product.mjs';
import { startRedis } from './redis.mjs';
import { uploadFiles } from './uploads-load.mjs';
import { uploadsReport } from './uploads-report.mjs';

const receiver = fileURLToPath(new URL('./bare-receiver.mjs', import.meta.url));
const sureReceiver = fileURLToPath(new URL('./sure-receiver.mjs', import.meta.url));
/** A round that takes longer than this has lost a file. */
const roundLimitMs = 10 * 60_000;

/**
 * Uploads of 100 KB text files. First how many are accepted while the worker stands still, beside a receiver that hashes,
 * fsyncs, renames and commits one row, in rounds. Then end to end until they are ready, with the job queue in Postgres and in Redis, beside a
 * bare receiver of forms. In rounds: bare, Postgres, Redis, bare …, each alone.
 * @returns `text`, the table, and `data`, the same with every sample.
 */
export async function uploads({ options, tell }) {
  const work = makeWorkFolder();
  const bare = await startReceiver(receiver, work, 'bare');
  const backends = await startBackends(work, tell);
  const sure = await startReceiver(sureReceiver, work, 'sure', [backends[0].databaseUrl]);
  const accepting = [sure, { name: 'paused', round: (files, label) => whilePaused(backends[0], files, label) }];
  const all = [bare, ...backends];
  const watch = watchForeignLoad([...all, sure]);
  const samples = Object.fromEntries([...all, ...accepting].map(({ name }) => [name, []]));
  for (const { name, round } of [...all, ...accepting]) {
    tell(`uploads: ${name}, warm-up`);
    await round(options.uploads.warmUp, 'warm-up');
  }
  for (const contestants of [accepting, all]) {
    for (let at = 1; at <= options.uploads.rounds; at += 1) {
      for (const { name, round } of contestants) {
        tell(`uploads: ${name}, round ${at} of ${options.uploads.rounds}`);
        samples[name].push(await round(options.uploads.files, `${name}-${at}`));
      }
    }
  }
  return uploadsReport({ options, samples, foreignLoad: watch() });
}

async function startReceiver(program, work, name, args = []) {
  const folder = join(work, `received-${name}`);
  mkdirSync(folder);
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production' };
  const started = startProcess(process.execPath, [program, folder, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const url = `http://127.0.0.1:${await announcedPort(started, `the ${name} receiver`)}/files`;
  const round = (files, label) => uploadFiles({ url, files, label });
  return { name, relayPids: [started.pid], otherPids: [], round };
}

/** Uploads while the worker stands still; afterwards it does what has piled up. */
async function whilePaused({ url, key, pids, database }, files, label) {
  process.kill(pids.worker, 'SIGSTOP');
  try {
    return await uploadFiles({ url, key, files, label });
  } finally {
    process.kill(pids.worker, 'SIGCONT');
    await untilEnded(database);
  }
}

async function startBackends(work, tell) {
  const backends = [await startBackend(work, 'postgres', {})];
  const redis = await startRedis({ work });
  if (redis === null) tell('uploads: redis-server is not installed: Redis is left out');
  else backends.push(await startBackend(work, 'redis', { REDIS_URL: redis.url }, { furtherPids: [redis.pid] }));
  return backends;
}

/** A product with a dataset and a key that uploads into it. */
export async function startBackend(work, name, settings, { furtherPids = [], checkout } = {}) {
  const product = await launchProduct({ work, name, settings, checkout });
  await product.create('/datasets', { alias: 'bench', embedding: { connection: 'sandbox', model: 'sandbox-embed' } });
  const { secret } = await product.create('/keys', { name: 'bench', preset: 'dataset-upload', datasets: ['*'] });
  const database = new pg.Client({ connectionString: product.databaseUrl });
  database.on('error', () => undefined);
  await database.connect();
  onStop(() => database.end());
  await untilEnded(database);
  const url = `${product.baseUrl}/datasets/bench/files`;
  return {
    name,
    url,
    key: secret,
    database,
    databaseUrl: product.databaseUrl,
    pids: product.pids,
    relayPids: [product.pids.api],
    otherPids: [...product.everyPid, ...furtherPids],
    round: (files, label) => endToEnd({ url, key: secret, files, label, database }),
  };
}

/** Uploads, then waits until all of it is ready; what each file took stands in its row. */
async function endToEnd({ database, ...load }) {
  const begun = performance.now();
  const sent = await uploadFiles(load);
  await untilEnded(database);
  const seconds = (performance.now() - begun) / 1_000;
  const { rows } = await database.query(
    `select state, extract(epoch from updated_at - created_at)::float8 as seconds from files where filename like $1`,
    [`${load.label}-%`],
  );
  const ready = rows.filter(({ state }) => state === 'ready');
  const bad = sent.bad + rows.length - ready.length;
  return { ...sent, bad, readyPerSecond: ready.length / seconds, readySeconds: ready.map((row) => row.seconds) };
}

/** Waits until no file is unfinished. */
export async function untilEnded(database) {
  for (const deadline = Date.now() + roundLimitMs; Date.now() < deadline; await pause(50)) {
    const { rows } = await database.query(`select 1 from files where state not in ('ready', 'failed') limit 1`);
    if (rows.length === 0) return;
  }
  throw new Error(`not all files came to their end within ${roundLimitMs / 60_000} minutes`);
}
