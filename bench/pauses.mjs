import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { watchForeignLoad } from './foreign-load.mjs';
import { freePort } from './free-port.mjs';
import { inputs } from './pauses-inputs.mjs';
import { announcedPort, makeWorkFolder, startProcess } from './processes.mjs';
import { launchProduct } from './product.mjs';
import { host } from './report.mjs';
import { headLines, textTable } from './text-table.mjs';

const upstream = fileURLToPath(new URL('./pauses-upstream.mjs', import.meta.url));
const watcher = new URL('./pauses-watch.mjs', import.meta.url).href;
const turns = 3;
/** What a call set off may go on for this long after its reply. */
const settleMs = 400;
const callLimitMs = 60_000;
/** How often the process looks at its loop: its own figure for a loop that never pauses. */
const lookMs = 10;
/** The longest pause that is allowed, by the size of the input. */
const targetMs = { usual: 50, huge: 250 };

/**
 * The longest pause of the API's event loop while it answers one hostile input: what everybody else waits for one caller.
 * Once by the clock, as the process itself tells it in `/metrics`, once in processor time of the loop's thread, which other
 * programs do not lengthen. The least of three turns.
 * @returns `text`, the table, and `data`, the same as numbers.
 */
export async function pauses({ options, tell }) {
  const work = makeWorkFolder();
  const provider = startProcess(process.execPath, [upstream], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await announcedPort(provider, 'the upstream of the pauses');
  const metricsPort = await freePort();
  tell('pauses: starting the product');
  const watchPort = await freePort();
  const settings = {
    GT_METRICS_PORT: String(metricsPort),
    ...(existsSync('/proc/self/schedstat') ? { BENCH_PAUSES_PORT: String(watchPort), NODE_OPTIONS: `--import ${watcher}` } : {}),
  };
  const product = await launchProduct({ work, name: 'pauses', settings });
  const key = await provision(product, `http://127.0.0.1:${port}/v1`);
  const longestMs = async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1e3 - lookMs;
  };
  const workedMs = async () =>
    settings.NODE_OPTIONS === undefined ? NaN : Number(await (await fetch(`http://127.0.0.1:${watchPort}/`)).text());
  const watch = watchForeignLoad([{ relayPids: [product.pids.api], otherPids: [provider.pid, ...product.everyPid] }]);
  const results = [];
  for (const input of inputs.filter(({ name }) => name.includes(options.pauses.inputs))) {
    tell(`pauses: ${input.name}`);
    const [seen, worked] = [[], []];
    let status = '';
    const behind = input.behind === undefined ? undefined : await stored(product.baseUrl, key, input);
    for (let turn = 0; turn < turns; turn += 1) {
      await pause(settleMs);
      await longestMs();
      await workedMs();
      status = await send(product.baseUrl, key, behind ?? input);
      await pause(settleMs);
      worked.push(await workedMs());
      seen.push(await longestMs());
    }
    results.push({
      name: input.name,
      status,
      pauseMs: Math.max(0, Math.min(...seen)),
      workMs: Math.min(...worked),
      targetMs: targetMs[input.huge ? 'huge' : 'usual'],
    });
  }
  return report(results, watch());
}

async function provision({ create, baseUrl }, upstreamUrl) {
  for (const wire of new Set(inputs.map((input) => input.wire))) {
    await create('/connections', { name: wire, base_url: upstreamUrl, wire, auth: { mode: 'none' } });
    for (const model of new Set(inputs.filter((input) => input.wire === wire).map((input) => input.model)))
      await create('/endpoints', { name: `${model}-${wire}`, raw_model: { connection: wire, model } });
  }
  const { secret } = await create('/keys', { name: 'pauses', preset: 'platform-automation', raw_models: ['*'] });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { status } = await fetch(`${baseUrl}/models/short-openai`, { headers: { authorization: `Bearer ${secret}` } });
    if (status === 200) return secret;
    await pause(100);
  }
  throw new Error('the product does not publish the models of the pauses');
}

/** The published name of the input's model. */
function modelOf({ model, wire }) {
  return `${model}-${wire}`;
}

/** Has a response stored. @returns the input that goes on from it. */
async function stored(baseUrl, key, input) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${baseUrl}${input.path}`, { method: 'POST', headers, body: input.behind(modelOf(input)) });
  const { id } = await response.json();
  return { ...input, body: (model) => JSON.stringify({ ...JSON.parse(input.body(model)), previous_response_id: id }) };
}

/** Sends one input and reads its answer, or leaves after the first bytes. @returns the status. */
async function send(baseUrl, key, input) {
  const { path, body, leave = false, conversation = false } = input;
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  if (conversation) headers['x-gt-conversation-id'] = randomUUID();
  try {
    const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(callLimitMs)]);
    const response = await fetch(baseUrl + path, { method: 'POST', headers, body: body(modelOf(input)), signal });
    if (leave && response.status === 200) {
      await response.body.getReader().read();
      leaving.abort();
    } else await response.arrayBuffer();
    return String(response.status);
  } catch (error) {
    return error.name === 'TimeoutError' ? 'no answer' : 'broken off';
  }
}

function report(results, foreignLoad) {
  const rows = results.map(({ name, status, pauseMs, workMs, targetMs: target }) => [
    name,
    status,
    pauseMs.toFixed(0),
    Number.isNaN(workMs) ? '—' : workMs.toFixed(0),
    `≤ ${target}`,
    // Where the processor time is known it counts: the rest of a pause is other programs' doing.
    (Number.isNaN(workMs) ? pauseMs : workMs) <= target ? '' : 'MISSED',
  ]);
  const about = { 'longest pause of the event loop': 'by input, ms', ...host(), 'other load': foreignLoad };
  const table = textTable([['input', 'status', 'ms', 'of work', 'target', ''], ...rows]);
  return { text: [...headLines(about), '', ...table, ''].join('\n'), data: { about, results } };
}
