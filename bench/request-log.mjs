import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { listRequestsQuery } from '../dist/contracts/requests.js';
import { RequestDaysRepository } from '../dist/modules/request-log/request-days.repository.js';
import { RequestDaysService } from '../dist/modules/request-log/request-days.service.js';
import { RequestLogRepository } from '../dist/modules/request-log/request-log.repository.js';
import { ConnectionPool } from '../dist/platform/database/connection-pool.js';
import { migrate } from '../dist/platform/database/migrate.js';
import { PlatformDatabase } from '../dist/platform/database/platform-database.js';
import { TenantDatabase } from '../dist/platform/database/tenant-database.js';
import { startEmbeddedPostgres } from '../dist/platform/embedded-postgres/embedded-postgres.js';
import { addTenant, startProduct } from './product.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { phases } from './phases.mjs';
import { makeWorkFolder, onStop } from './processes.mjs';
import { host } from './report.mjs';
import { fillRequests, rareAddress, rareCode } from './request-log-data.mjs';
import { median, pairedRatio } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { startUpstream } from './upstream.mjs';
import { variant, variantReport } from './variants.mjs';

const measured = ['json', 'streams'];
/** What is promised of a filtered page, and of the removal of a month. */
const promisedPageMs = 200;
const promisedRemovalMs = 1_000;
const days = 30;
/** Tenants of one process: two processes differ by more. The second one without a log shows how far equals stray. */
const tenants = { off: { request_log_days: 0 }, on: {}, 'off, again': { request_log_days: 0 } };

/**
 * What the request log costs a relayed call, by tenants of one process with it and without; how long pages of a month's log take; and how long it
 * takes to remove the month, in a database of its own. The median of so many reads, after one that counts for nothing.
 * @returns `text`, two tables, and `data`, the same with every single sample.
 */
export async function requestLog({ options, tell }) {
  const cost = await costOfCalls({ options, tell });
  const pages = await pagesOfMonth({ options, tell });
  return { text: `${cost.text}\n${pages.text}`, data: { cost: cost.data, pages: pages.data } };
}

async function costOfCalls({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: 0 });
  const generator = await makeGenerator({ work, upstream });
  const upstreamUrl = `${upstream.origin}${upstream.prefix}`;
  tell('request-log: starting the product');
  const product = await startProduct({ upstreamUrl, work, name: 'request-log' });
  const contestants = [];
  for (const [name, settings] of Object.entries(tenants))
    contestants.push(variant(name, product, await addTenant(product, upstreamUrl, name.replaceAll(/\W+/g, '-'), settings)));
  const watch = watchForeignLoad(contestants);
  const samples = {};
  for (const phase of phases.filter(({ id }) => measured.includes(id)))
    samples[phase.id] = await runPhase({ phase, contestants, direct: null, generator, options, tell });
  const all = Object.entries(samples).map(([phase, byName]) => {
    const of = (name) => byName[name].map(({ cpuUsAll }) => cpuUsAll);
    return `; ${phase}, with database and worker, on ÷ off: ${numberText(pairedRatio(of('on'), of('off')), 2)}`;
  });
  return variantReport(samples, { options, foreignLoad: watch(), what: 'request log', note: all.join('') });
}

async function pagesOfMonth({ options, tell }) {
  const { rows, reads } = options.requestLog;
  tell('request-log: starting Postgres');
  // Days that are removed are old: nothing vacuums them just then, as it would these.
  const settings = { fsync: 'off', shared_buffers: '256MB', autovacuum: 'off' };
  const server = await startEmbeddedPostgres({ dataDir: makeWorkFolder(), settings });
  onStop(() => server.stop());
  await migrate(server.url);
  tell(`request-log: filling ${rows} rows`);
  await fill(server.url, rows);
  const watch = watchForeignLoad([{ relayPids: [], otherPids: [server.pid] }]);
  const connections = new ConnectionPool({ DATABASE_URL: server.url, GT_DATABASE_POOL: 4 });
  const results = [];
  try {
    const repository = new RequestLogRepository(new TenantDatabase(connections));
    for (const [what, fields] of pages) {
      tell(`request-log: ${what}`);
      results.push({ what, promisedMs: promisedPageMs, ...(await measurePage(repository, fields, reads)) });
    }
    tell('request-log: a look of a tail');
    const look = () => repository.latest('ten_bench', {}, new Date(Date.now() - 60_000), 1_000);
    results.push({ what: 'a look of a tail', promisedMs: promisedPageMs, ...(await measure(look, reads)) });
    tell('request-log: removing the month');
    results.push({ what: 'removal of the month', promisedMs: promisedRemovalMs, ...(await removeMonth(connections)) });
  } finally {
    await connections.close();
  }
  return report({ rows, results, foreignLoad: watch() });
}

async function fill(databaseUrl, rows) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await fillRequests(client, { rows, days });
  } finally {
    await client.end();
  }
}

/** Filters of few rows among all, and of many: what is rare is what people look for. */
const pages = [
  ['newest page', {}],
  ['oldest page', { order: 'asc' }],
  ['one key', { key: 'key_7' }],
  ['one key, rarely used', { key: 'key_rare' }],
  ['one name, rarely called', { endpoint: 'rare' }],
  ['one route, rarely used', { route: 'files.create' }],
  ['status 429', { status: '429' }],
  ['status 503, rare', { status: '503' }],
  ['status 4xx', { status: '4xx' }],
  ['status 5xx, rare', { status: '5xx' }],
  ['one error code, rare', { error_code: rareCode }],
  ['one address, rare', { address: rareAddress }],
  ['one key and 4xx', { key: 'key_7', status: '4xx' }],
  ['one key and a rare address', { key: 'key_7', address: rareAddress }],
  ['one name and 5xx', { endpoint: 'name-1', status: '5xx' }],
  ['a key without rows', { key: 'key_none' }],
  [
    'since ten days ago, until nine',
    { since: Math.floor(Date.now() / 1000) - 864_000, until: Math.floor(Date.now() / 1000) - 777_600 },
  ],
];

async function measurePage(repository, fields, reads) {
  const query = listRequestsQuery.parse({ limit: 100, ...fields });
  return measure(() => repository.list('ten_bench', query, days + 2), reads);
}

async function measure(read, reads) {
  const samples = [];
  let page = await read();
  for (let turn = 0; turn < reads; turn += 1) {
    const start = performance.now();
    page = await read();
    samples.push(performance.now() - start);
  }
  return { shown: page.rows.length, samples };
}

async function removeMonth(connections) {
  const service = new RequestDaysService(new RequestDaysRepository(new PlatformDatabase(connections)), {
    GT_REQUEST_LOG_DAYS: 0,
  });
  const start = performance.now();
  const shown = await service.dropDays(new AbortController().signal);
  return { shown, samples: [performance.now() - start] };
}

function report({ rows, results, foreignLoad }) {
  const head = headLines({ ...host(), 'rows of the log': String(rows), 'other programs': foreignLoad });
  const table = textTable([
    ['request log', 'rows or days', 'median, ms', 'slowest, ms', 'promised'],
    ...results.map(({ what, shown, samples, promisedMs }) => [
      ...[what, String(shown), numberText(median(samples), 1), numberText(Math.max(...samples), 1)],
      `${promisedMs} ${median(samples) <= promisedMs ? 'met' : 'MISSED'}`,
    ]),
  ]);
  return { text: `${[...head, '', ...table].join('\n')}\n`, data: { rows, results, foreignLoad } };
}
