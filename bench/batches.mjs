import { setTimeout as pause } from 'node:timers/promises';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { phases, scenarios } from './phases.mjs';
import { cores, makeWorkFolder, pin } from './processes.mjs';
import { publishedModels, startProduct } from './product.mjs';
import { host } from './report.mjs';
import { median, pairedRatio, ratioRange } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { startUpstream } from './upstream.mjs';

const target = 0.8;
const roundLimitMs = 10 * 60_000;
/** Each question after a batch costs the core that Postgres has some milliseconds. */
const pollMs = 50;

/**
 * Lines of batches a second against live calls a second, both in chat over the same provider, the one after the other. A batch
 * counts from when its input is read until its files are there.
 * @returns `text`, the table, and `data`, the same with every sample.
 */
export async function batches({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work });
  const generator = await makeGenerator({ work, upstream });
  tell('batches: starting the product');
  const product = await startProduct({
    upstreamUrl: `${upstream.origin}${upstream.prefix}`,
    work,
    preset: 'platform-automation',
  });
  const phase = phases.find(({ id }) => id === 'json');
  const contestant = contestantOf(product);
  const { api, worker, postgres } = product.pids;
  const live = async (seconds = options.seconds) => {
    pin([api], cores?.relay);
    pin([worker, postgres], cores?.rest);
    return (await generator.run({ contestant, phase, scenario: phase.scenario, seconds })).perSecond;
  };
  const body = JSON.parse(scenarios[phase.scenario].body(publishedModels, ''));
  const batch = async (lines) => {
    pin([worker], cores?.relay);
    pin([api, postgres], cores?.rest);
    return lines / (await secondsOfBatch(product, lines, body));
  };
  const watch = watchForeignLoad([{ relayPids: product.everyPid, otherPids: [] }]);
  const samples = { live: [], batch: [] };
  await live(options.warmUpSeconds);
  await batch(Math.ceil(options.batches.lines / 4));
  for (let round = 1; round <= options.batches.rounds; round += 1) {
    tell(`batches: round ${round} of ${options.batches.rounds}`);
    samples.live.push(await live());
    await pause(options.settleMs);
    samples.batch.push(await batch(options.batches.lines));
    await pause(options.settleMs);
  }
  return report(samples, options, { upstream, foreignLoad: watch() });
}

function contestantOf({ baseUrl, pids, everyPid, key }) {
  const { port, pathname } = new URL(baseUrl);
  return {
    name: 'product',
    port: Number(port),
    prefix: pathname,
    key,
    models: publishedModels,
    relayPids: [pids.api],
    otherPids: everyPid.filter((pid) => pid !== pids.api),
  };
}

/** From when the input is read until the files are there. */
async function secondsOfBatch({ baseUrl, key }, lines, body) {
  const headers = { authorization: `Bearer ${key}` };
  const ask = async (path, init) => {
    const response = await fetch(`${baseUrl}${path}`, { ...init, headers: { ...headers, ...init?.headers } });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
    return response.json();
  };
  const request = (at) => JSON.stringify({ custom_id: `line-${at}`, method: 'POST', url: '/v1/chat/completions', body });
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', new Blob([Array.from({ length: lines }, (_one, at) => request(at)).join('\n')]), 'bench.jsonl');
  const file = await ask('/files', { method: 'POST', body: form });
  const asked = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' };
  const created = await ask('/batches', {
    method: 'POST',
    body: JSON.stringify(asked),
    headers: { 'content-type': 'application/json' },
  });
  let begun;
  for (const deadline = Date.now() + roundLimitMs; Date.now() < deadline; await pause(pollMs)) {
    const batch = await ask(`/batches/${created.id}`);
    if (batch.status !== 'validating') begun ??= performance.now();
    if (batch.status === 'completed' && batch.request_counts.completed === lines) return (performance.now() - begun) / 1_000;
    if (!['validating', 'in_progress', 'finalizing'].includes(batch.status) || batch.request_counts.failed > 0)
      throw new Error(`the batch ended as ${JSON.stringify(batch)}`);
  }
  throw new Error(`the batch was not done within ${roundLimitMs / 60_000} minutes`);
}

function report({ live, batch }, options, { upstream, foreignLoad }) {
  const ratio = pairedRatio(batch, live);
  const range = ratioRange(batch, live);
  const about = {
    batches: `chat, 1 KB each way; ${options.batches.lines} lines a batch; live: 64 at once, ${options.seconds} s`,
    ...host(),
    upstream: upstream.kind,
    rounds: options.batches.rounds,
    target: `batch lines ÷ live calls ≥ ${target}`,
    'other load': foreignLoad,
  };
  const row = [
    'chat',
    numberText(median(batch), 0),
    numberText(median(live), 0),
    numberText(ratio, 2),
    range === null ? '' : range.map((value) => value.toFixed(2)).join('–'),
    ratio === null || ratio < target ? 'MISSED' : '',
  ];
  const lines = textTable([['batches', 'batch, lines/s', 'live, calls/s', 'batch ÷ live', 'rounds', ''], row]);
  return { text: [...headLines(about), '', ...lines, ''].join('\n'), data: { about, ratio, range, samples: { live, batch } } };
}
