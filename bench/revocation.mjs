import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { watchForeignLoad } from './foreign-load.mjs';
import { freePort } from './free-port.mjs';
import { launchProduct, publishedModels } from './product.mjs';
import { makeWorkFolder, onStop, startProcess } from './processes.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { startUpstream, upstreamModels } from './upstream.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Callers of each process, each with one call at a time. */
const callers = 8;
/** How long calls go on after the change. */
const watchedMs = 1_500;
const promisedMs = 1_000;
const aimedMs = 100;

/**
 * How long calls are still let through after the answer to a change that takes a right away, with two API processes under load: from the
 * answer until the last call began that was let through, in the slower process. `back` counts calls that were let through after one that
 * had begun earlier in the same process was refused already.
 * @returns `text`, the table, and `data`, the same with every single sample.
 */
export async function revocation({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: 0 });
  tell('revocation: starting the product, and a second process of its API');
  const product = await launchProduct({ work, name: 'revocation' });
  const second = await startSecond(work, product);
  const bases = [product.baseUrl, second.baseUrl];
  const place = new Place(product, `${upstream.origin}${upstream.prefix}`);
  const watch = watchForeignLoad([
    { relayPids: [product.pids.api, second.pid], otherPids: [product.pids.worker, product.pids.postgres] },
  ]);
  const samples = {};
  for (const [name, change] of Object.entries(changes)) {
    samples[name] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      tell(`revocation: ${name}, round ${round + 1}`);
      samples[name].push(await measure(bases, await change(place)));
    }
  }
  tell('revocation: rotation with an overlap');
  const rotation = await rotate(bases, place);
  return report({ options, samples, rotation, foreignLoad: watch() });
}

/** Each makes what it needs and gives the key whose calls are watched, and what takes the right away. */
const changes = {
  revoke: async (place) => ending(place, (id) => ['POST', `/keys/${id}/revoke`]),
  disable: async (place) => ending(place, (id) => ['POST', `/keys/${id}/disable`]),
  'scopes narrowed': async (place) => ending(place, (id) => ['PATCH', `/keys/${id}`, { scopes: ['inference:embed'] }]),
  'allowlist narrowed': async (place) => ending(place, (id) => ['PATCH', `/keys/${id}`, { raw_models: [] }]),
  'linked key narrowed': async (place) => {
    const tenant = await place.tenant();
    const linked = await place.key(tenant);
    const links = { inference: linked.id };
    const body = { tenant, name: place.name(), preset: 'conversation-app', links };
    const { secret } = await place.admin('POST', '/keys', body);
    return { secret, change: () => place.admin('PATCH', `/keys/${linked.id}?tenant=${tenant}`, { scopes: ['inference:embed'] }) };
  },
  'tenant suspended': async (place) => {
    const tenant = await place.tenant();
    const { secret } = await place.key(tenant);
    return { secret, change: () => place.admin('PATCH', `/tenants/${tenant}`, { state: 'suspended' }) };
  },
};

async function ending(place, changeOf) {
  const tenant = await place.tenant();
  const { id, secret } = await place.key(tenant);
  const [method, path, body] = changeOf(id);
  return { secret, change: () => place.admin(method, `${path}?tenant=${tenant}`, body) };
}

/** The admin plane of the product, and what each sample has of its own. */
class Place {
  made = 0;

  constructor(product, upstreamUrl) {
    this.product = product;
    this.upstreamUrl = upstreamUrl;
  }

  name() {
    this.made += 1;
    return `bench-${this.made}`;
  }

  admin(method, path, body) {
    return this.product.admin(method, path, body);
  }

  async tenant() {
    const slug = this.name();
    await this.admin('POST', '/tenants', { slug, name: slug });
    const connection = { tenant: slug, name: 'bench', base_url: this.upstreamUrl, wire: 'openai', auth: { mode: 'none' } };
    await this.admin('POST', '/connections', connection);
    const raw = { connection: 'bench', model: upstreamModels.chat };
    await this.admin('POST', '/endpoints', { tenant: slug, name: publishedModels.chat, raw_model: raw });
    return slug;
  }

  key(tenant) {
    const scopes = ['inference:chat', 'inference:embed'];
    return this.admin('POST', '/keys', { tenant, name: this.name(), purpose: 'inference', scopes, raw_models: ['*'] });
  }
}

async function measure(bases, { secret, change }) {
  const loads = bases.map((base) => new Load(base, [secret]));
  await Promise.all(loads.map((load) => load.warm()));
  await change();
  const answeredAt = performance.now();
  await pause(watchedMs);
  await Promise.all(loads.map((load) => load.stop()));
  return {
    lastMs: Math.max(...loads.map((load) => load.lastLetThrough(answeredAt))),
    back: loads.reduce((sum, load) => sum + load.back(), 0),
    calls: loads.reduce((sum, load) => sum + load.calls.length, 0),
  };
}

/** Both secrets of an overlap under load: how many calls were refused. */
async function rotate(bases, place) {
  const tenant = await place.tenant();
  const key = await place.key(tenant);
  const loads = bases.map((base) => new Load(base, [key.secret]));
  await Promise.all(loads.map((load) => load.warm()));
  for (let turn = 0; turn < 5; turn += 1) {
    const { secret } = await place.admin('POST', `/keys/${key.id}/rotate?tenant=${tenant}`, { overlap_seconds: 600 });
    for (const load of loads) load.secrets.push(secret);
    await pause(200);
  }
  await Promise.all(loads.map((load) => load.stop()));
  const calls = loads.flatMap((load) => load.calls);
  return { calls: calls.length, refused: calls.filter(({ status }) => status !== 200).length };
}

/** Callers of one process, who take the secrets in turn. */
class Load {
  calls = [];
  isOver = false;
  agent = new Agent({ connections: callers, pipelining: 1 });

  constructor(base, secrets) {
    this.base = base;
    this.secrets = secrets;
    this.running = Array.from({ length: callers }, (_, at) => this.call(at));
  }

  async call(at) {
    const body = JSON.stringify({ model: publishedModels.chat, messages: [{ role: 'user', content: 'Hello' }] });
    for (let turn = at; !this.isOver; turn += 1) {
      const startedAt = performance.now();
      const secret = this.secrets[turn % this.secrets.length];
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const reply = await request(`${this.base}/chat/completions`, { method: 'POST', headers, body, dispatcher: this.agent });
      await reply.body.dump();
      this.calls.push({ startedAt, endedAt: performance.now(), status: reply.statusCode });
    }
  }

  /** Until the process serves all callers. */
  async warm() {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(20))
      if (this.calls.length > 200 && this.calls.slice(-50).every(({ status }) => status === 200)) return;
    throw new Error(`The key is not served: ${JSON.stringify(this.calls.at(-1))}`);
  }

  async stop() {
    this.isOver = true;
    await Promise.all(this.running);
    await this.agent.close();
  }

  lastLetThrough(answeredAt) {
    const later = this.calls.filter(({ startedAt, status }) => status === 200 && startedAt > answeredAt);
    return Math.max(0, ...later.map(({ startedAt }) => startedAt - answeredAt));
  }

  /** Calls that were let through although they began after a refusal was answered. */
  back() {
    const refusedAt = Math.min(Infinity, ...this.calls.filter(({ status }) => status !== 200).map(({ endedAt }) => endedAt));
    return this.calls.filter(({ startedAt, status }) => status === 200 && startedAt > refusedAt).length;
  }
}

/** A second process of the API on the product's database, with its key ring. */
async function startSecond(work, product) {
  const port = await freePort();
  const dataDir = join(work, 'second');
  mkdirSync(dataDir, { mode: 0o755 });
  const { secret_keys: keys } = JSON.parse(readFileSync(join(work, 'revocation', 'secrets.json'), 'utf8'));
  const log = openSync(join(work, 'second.log'), 'a', 0o600);
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: product.databaseUrl,
    GT_DATA_DIR: dataDir,
    GT_PORT: String(port),
    GT_SECRET_KEYS: keys,
    GT_ALLOW_PRIVATE_UPSTREAMS: '127.0.0.0/8',
    GT_SHUTDOWN_GRACE_MS: '3000',
  };
  const started = startProcess(process.execPath, ['dist/main.js'], { cwd: root, env, stdio: ['ignore', log, log] });
  onStop(() => started.stop(10_000));
  const origin = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(100)) {
    const ready = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (ready?.ok === true) return { baseUrl: `${origin}/api/tenant/v1`, pid: started.pid };
  }
  throw new Error(
    `the second process did not start: ${existsSync(join(work, 'second.log')) ? readFileSync(join(work, 'second.log'), 'utf8').slice(-500) : ''}`,
  );
}

function report({ options, samples, rotation, foreignLoad }) {
  const rows = [
    ['from the answer to the last call let through', 'rounds', 'median, ms', 'worst, ms', 'back', 'calls', `≤ ${promisedMs} ms`],
  ];
  for (const [name, taken] of Object.entries(samples)) {
    const times = taken.map(({ lastMs }) => lastMs).sort((one, other) => one - other);
    const worst = times.at(-1) ?? NaN;
    const back = taken.reduce((sum, one) => sum + one.back, 0);
    const verdict = worst > promisedMs || back > 0 ? 'missed' : worst <= aimedMs ? 'met, and the aim' : 'met';
    const calls = taken.reduce((sum, one) => sum + one.calls, 0);
    rows.push([
      name,
      String(times.length),
      numberText(times[Math.floor(times.length / 2)], 1),
      numberText(worst, 1),
      String(back),
      String(calls),
      verdict,
    ]);
  }
  const about = {
    processes: 2,
    callers: `${callers} of each`,
    rounds: options.rounds,
    aim: `${aimedMs} ms`,
    'other load': foreignLoad,
    rotation: `${rotation.refused} of ${rotation.calls} calls refused while five rotations overlapped`,
  };
  const text = `${[...headLines(about), '', ...textTable(rows)].join('\n')}\n`;
  return { text, data: { about, samples, rotation } };
}
