import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { listAdminUsageQuery, usageDimensions, usageGroupsQuery } from '../dist/contracts/usage.js';
import { KeyTouches } from '../dist/modules/usage/key-touches.js';
import { StatementsService } from '../dist/modules/usage/statements.service.js';
import { UsageRepository } from '../dist/modules/usage/usage.repository.js';
import { UsageService } from '../dist/modules/usage/usage.service.js';
import { ConnectionPool } from '../dist/platform/database/connection-pool.js';
import { migrate } from '../dist/platform/database/migrate.js';
import { TenantDatabase } from '../dist/platform/database/tenant-database.js';
import { startEmbeddedPostgres } from '../dist/platform/embedded-postgres/embedded-postgres.js';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeWorkFolder, onStop } from './processes.mjs';
import { host } from './report.mjs';
import { median } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { callsAnHour, fillUsage } from './usage-data.mjs';

const since = Date.UTC(2025, 0, 1) / 1000;
const until = Date.UTC(2026, 0, 1) / 1000;
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Pacific/Auckland', 'Asia/Kolkata'];

/** What is promised of a page over a year of ten million calls. */
const promisedMs = 200;

/**
 * How long pages over a year take, whose sums are made directly in a database of its own. The median of so many reads, after one
 * that counts for nothing.
 * @returns `text`, the table, and `data`, the same as numbers.
 */
export async function usage({ options, tell }) {
  const { calls, reads } = options.usage;
  tell('usage: starting Postgres');
  const server = await startEmbeddedPostgres({ dataDir: makeWorkFolder(), settings: { fsync: 'off', shared_buffers: '256MB' } });
  onStop(() => server.stop());
  await migrate(server.url);
  tell('usage: filling a year');
  const rows = await fill(server.url, calls);
  const watch = watchForeignLoad([{ relayPids: [], otherPids: [server.pid] }]);
  const connections = new ConnectionPool({ DATABASE_URL: server.url, GT_DATABASE_POOL: 4 });
  const results = [];
  try {
    for (const [what, read] of pagesOf(new UsageRepository(new TenantDatabase(connections)))) {
      tell(`usage: ${what}`);
      results.push({ what, ...(await measure(read, reads)) });
    }
  } finally {
    await connections.close();
  }
  return report({ rows, results, foreignLoad: watch() });
}

async function fill(databaseUrl, calls) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await fillUsage(client, { since, until, calls });
  } finally {
    await client.end();
  }
}

/** What is read, by its name: each gives the calls that it tells of and how many rows it has. */
function* pagesOf(repository) {
  const service = new UsageService(repository, new KeyTouches());
  const groups = (fields) => async () => {
    const query = usageGroupsQuery.parse({ since, until, limit: 100, ...fields });
    const { rows, totals } = await service.groupsOfTenant('ten_bench', query);
    return { calls: totals.calls, rows: rows.length };
  };
  for (const by of usageDimensions) yield [`by ${by}`, groups({ by })];
  for (const zone of zones) yield [`by day, ${zone}`, groups({ by: 'day', time_zone: zone })];
  yield ['by day, one key', groups({ by: 'day', key: 'key_1' })];
  yield ['by day, not from midnight on', groups({ by: 'day', since: since + 37_230, until: until - 30_030 })];
  yield ['calls, with totals', () => calls(service)];
  yield ['statement of a month', () => statement(new StatementsService(repository))];
}

async function calls(service) {
  const query = listAdminUsageQuery.parse({ since, until, limit: 100 });
  const { rows, totals } = await service.listOfTenant('ten_bench', query);
  return { calls: totals.calls, rows: rows.length };
}

async function statement(service) {
  const { lines, totals } = await service.of('ten_bench', '2025-07');
  return { calls: totals.calls, rows: lines.length };
}

async function measure(read, reads) {
  const samples = [];
  let page = await read();
  for (let turn = 0; turn < reads; turn += 1) {
    const start = performance.now();
    page = await read();
    samples.push(performance.now() - start);
  }
  return { ...page, samples };
}

function report({ rows, results, foreignLoad }) {
  const head = headLines({
    ...host(),
    ...{ 'rows of sums': `${rows.hourly} of hours, ${rows.daily} of days, ${rows.open} open` },
    ...{ 'calls of a midnight hour': String(callsAnHour), 'other programs': foreignLoad },
  });
  const table = textTable([
    ['usage', 'calls', 'rows of the page', 'median, ms', 'slowest, ms', `promised ${promisedMs}`],
    ...results.map(({ what, calls, rows: shown, samples }) => [
      ...[what, String(calls), String(shown), numberText(median(samples), 1), numberText(Math.max(...samples), 1)],
      median(samples) <= promisedMs ? 'met' : 'MISSED',
    ]),
  ]);
  return { text: `${[...head, '', ...table].join('\n')}\n`, data: { rows, results, foreignLoad } };
}
