import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';
import { processIdentity } from './proc.mjs';
import { onStop, startProcess } from './processes.mjs';
import { upstreamModels } from './upstream.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const startLimitMs = 5 * 60_000;
const tenant = 'demo';

/** The names under which the product publishes the upstream's models: other names, so that replacing them is measured too. */
export const publishedModels = Object.fromEntries(Object.entries(upstreamModels).map(([use, model]) => [use, `bench-${model}`]));

/** Limits that count every request and never refuse one. */
const limits = { requests_per_minute: 2_000_000_000, tokens_per_minute: 2_000_000_000, parallel_requests: 100_000 };

/**
 * Starts the built product and gives it a connection to the upstream, raw models and one key that may use them, by the
 * admin plane. `preset` is the key's; the rest is for `launchProduct`.
 * @returns base URL of the data plane, the key, the process ids, `stop()` which leaves no process of it behind.
 */
export async function startProduct({ upstreamUrl, preset = 'chat-plus-embeddings', ...launch }) {
  const launched = await launchProduct(launch);
  const key = await provision(launched, upstreamUrl, preset);
  await untilServing(launched.baseUrl, key);
  return { ...launched, key };
}

/**
 * Starts the built product as `npm run up` does, with data of its own in `work`/`name` and further settings; that of another
 * checkout when one is given.
 * @returns base URL of the data plane, address of the database, `create(path, body)` for the admin plane, process ids,
 * `stop()` which leaves no process of it behind.
 */
export async function launchProduct({ work, name = 'product', settings = {}, checkout = root }) {
  const dataDir = join(work, name);
  mkdirSync(dataDir, { mode: 0o755 });
  const logFile = join(work, `${name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const env = { ...(await productEnv(dataDir)), ...settings };
  const up = startProcess(process.execPath, ['bin/up.mjs'], { cwd: checkout, env, stdio: ['ignore', log, log] });
  const running = await untilUp(join(dataDir, 'up.json'), up, logFile);
  const pids = running.pids;
  const identities = Object.values(pids)
    .filter((pid) => pid !== null)
    .map((pid) => ({ pid, identity: processIdentity(pid) }));
  const stop = async () => {
    await up.stop(20_000);
    killLeftovers(identities);
  };
  onStop(stop);
  return {
    baseUrl: running.base_url,
    databaseUrl: running.database_url,
    createTenant: (body) => adminCreate(`${running.admin_url}/tenants`, running.admin_token, body),
    admin: (method, path, body) => adminCall(`${running.admin_url}${path}`, running.admin_token, method, body),
    create: (path, body) => adminCreate(`${running.admin_url}${path}`, running.admin_token, { tenant, ...body }),
    pids: { api: pids.api, worker: pids.worker ?? undefined, postgres: pids.postgres ?? undefined },
    everyPid: Object.values(pids).filter((pid) => pid !== null),
    stop,
  };
}

/** A running product that the environment describes, or null. Its models must be published under `publishedModels`. */
export function productFromEnv(env = process.env) {
  const baseUrl = env['GT_BENCH_BASE_URL'];
  if (baseUrl === undefined) return null;
  const [api, worker, postgres] = (env['GT_BENCH_PIDS'] ?? '').split(',').map((text) => Number(text.trim()) || undefined);
  const key = env['GT_BENCH_KEY'];
  if (key === undefined || api === undefined)
    throw new Error('GT_BENCH_BASE_URL needs GT_BENCH_KEY and GT_BENCH_PIDS=<api>,<worker>,<postgres>');
  return { baseUrl, key, pids: { api, worker, postgres }, stop: async () => {} };
}

const settingsOfTheProduct = /^(GT_|OPENAI_|OTEL_|DATABASE_URL$|REDIS_URL$)/;

/** The caller's environment without any setting of the product: nobody's own database or provider is benchmarked. */
async function productEnv(dataDir) {
  const kept = Object.entries(process.env).filter(([name]) => !settingsOfTheProduct.test(name));
  return {
    ...Object.fromEntries(kept),
    GT_DATA_DIR: dataDir,
    GT_PORT: String(await freePort()),
    GT_ALLOW_PRIVATE_UPSTREAMS: '127.0.0.0/8',
    GT_TRUSTED_PROXIES: '127.0.0.1',
    GT_SHUTDOWN_GRACE_MS: '3000',
  };
}

async function untilUp(file, up, logFile) {
  let ended = null;
  void up.exited.then((how) => (ended = how));
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline && ended === null; await pause(100)) {
    if (!existsSync(file)) continue;
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      continue; // Half written.
    }
  }
  const why = ended === null ? `no up.json after ${startLimitMs / 1_000} s` : `node bin/up.mjs ended: ${JSON.stringify(ended)}`;
  throw new Error(`the product did not start (${why})\n${lastLines(logFile)}`);
}

function lastLines(file) {
  const text = readFileSync(file, 'utf8').replace(/gta[kd]_[0-9A-Za-z]{38}/g, (secret) => `${secret.slice(0, 5)}***`);
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

function killLeftovers(identities) {
  for (const { pid, identity } of identities) {
    if (identity !== null && processIdentity(pid) === identity) process.kill(pid, 'SIGTERM');
  }
}

async function provision({ create }, upstreamUrl, preset) {
  await create('/connections', { name: 'bench', base_url: upstreamUrl, wire: 'openai', auth: { mode: 'none' } });
  for (const [use, name] of Object.entries(publishedModels)) {
    await create('/endpoints', { name, raw_model: { connection: 'bench', model: upstreamModels[use] } });
  }
  const key = await create('/keys', { name: 'bench', preset, raw_models: ['*'], limits });
  return key.secret;
}

/**
 * A further tenant of a started product where everything has limits that never refuse: key, endpoints, tenant and ceiling.
 * @returns its key.
 */
export async function addLimitedTenant({ create, createTenant }, upstreamUrl) {
  const tenant = 'limited';
  await createTenant({ slug: tenant, name: 'Limited', limits, ceiling: limits });
  await create('/connections', { tenant, name: 'bench', base_url: upstreamUrl, wire: 'openai', auth: { mode: 'none' } });
  for (const [use, name] of Object.entries(publishedModels))
    await create('/endpoints', { tenant, name, raw_model: { connection: 'bench', model: upstreamModels[use] }, limits });
  return (await create('/keys', { tenant, name: 'bench', preset: 'chat-plus-embeddings', raw_models: ['*'], limits })).secret;
}

/**
 * Adds a tenant like the first one. @param settings of its own, such as whether it has a request log.
 * @returns its key.
 */
export async function addTenant({ create, createTenant }, upstreamUrl, tenant, settings) {
  await createTenant({ slug: tenant, name: tenant, ...settings });
  await create('/connections', { tenant, name: 'bench', base_url: upstreamUrl, wire: 'openai', auth: { mode: 'none' } });
  for (const [use, name] of Object.entries(publishedModels))
    await create('/endpoints', { tenant, name, raw_model: { connection: 'bench', model: upstreamModels[use] } });
  return (await create('/keys', { tenant, name: 'bench', preset: 'chat-plus-embeddings', raw_models: ['*'], limits })).secret;
}

/** More than any call takes. */
const amount = 1_000_000_000_000_000;

/**
 * Adds a tenant with prices whose key has limits and a budget; nothing else has any.
 * @returns its key.
 */
export async function addPricedTenant({ create, createTenant }, upstreamUrl) {
  const tenant = 'priced';
  await createTenant({ slug: tenant, name: 'Priced' });
  await create('/connections', { tenant, name: 'bench', base_url: upstreamUrl, wire: 'openai', auth: { mode: 'none' } });
  await create('/tenant-prices', { tenant, connection: 'bench', model: '*', amounts: { input: 150_000, output: 600_000 } });
  for (const [use, name] of Object.entries(publishedModels))
    await create('/endpoints', { tenant, name, raw_model: { connection: 'bench', model: upstreamModels[use] } });
  const key = await create('/keys', { tenant, name: 'bench', preset: 'chat-plus-embeddings', raw_models: ['*'], limits });
  await create('/budgets', { tenant, window: 'month', amount, key: key.id });
  return key.secret;
}

/**
 * Adds a tenant that has the same limits everywhere, prices, and budgets of its key, of each endpoint and of the tenant.
 * @returns its key.
 */
export async function addBudgetedTenant({ create, createTenant }, upstreamUrl) {
  const tenant = 'budgeted';
  await createTenant({ slug: tenant, name: 'Budgeted', limits, ceiling: limits });
  await create('/connections', { tenant, name: 'bench', base_url: upstreamUrl, wire: 'openai', auth: { mode: 'none' } });
  await create('/tenant-prices', { tenant, connection: 'bench', model: '*', amounts: { input: 150_000, output: 600_000 } });
  const budget = { tenant, window: 'month', amount };
  for (const [use, name] of Object.entries(publishedModels)) {
    await create('/endpoints', { tenant, name, raw_model: { connection: 'bench', model: upstreamModels[use] }, limits });
    await create('/budgets', { ...budget, endpoint: name });
  }
  const key = await create('/keys', { tenant, name: 'bench', preset: 'chat-plus-embeddings', raw_models: ['*'], limits });
  await create('/budgets', { ...budget, key: key.id });
  await create('/budgets', budget);
  return key.secret;
}

async function adminCall(url, token, method, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

async function adminCreate(url, token, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== 201)
    throw new Error(`POST ${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** The key and the endpoints must have reached the serving process before the first measurement. */
async function untilServing(baseUrl, key) {
  let last = '';
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: publishedModels.chat, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const text = await response.text();
    if (response.status === 200) return;
    last = `${response.status}: ${text.slice(0, 500)}`;
    await pause(100);
  }
  throw new Error(`the product does not relay a chat: ${last}`);
}
