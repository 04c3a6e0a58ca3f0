import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { publishedModels, startProduct } from './product.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { phases } from './phases.mjs';
import { cores, makeWorkFolder, pin } from './processes.mjs';
import { host } from './report.mjs';
import { median, pairedRatio, ratioRange } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { startUpstream } from './upstream.mjs';

const measured = ['json', 'streams'];

/**
 * What traces cost a relayed call: a product without them beside one that records every hundredth call, and one that records
 * all; with `options.traces.against` beside another checkout, too.
 * @returns `text`, the table, and `data`, the same with every single sample.
 */
export async function traces({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: 0 });
  const generator = await makeGenerator({ work, upstream });
  const collector = await startCollector();
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const { against } = options.traces;
  const contestants = [];
  for (const [name, launch] of [
    ['off', {}],
    ...(against === undefined ? [] : [['other checkout', { checkout: resolve(against) }]]),
    ['1 % recorded', { settings: { ...on, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' } }],
    ['all recorded', { settings: on }],
  ]) {
    tell(`traces: starting the product, ${name}`);
    contestants.push(await contestant(name, launch, upstream, work));
  }
  const watch = watchForeignLoad(contestants);
  const samples = {};
  for (const phase of phases.filter(({ id }) => measured.includes(id)))
    samples[phase.id] = await runPhase({ phase, contestants, direct: null, generator, options, tell });
  await collector.close();
  return report(samples, options, watch(), collector.requests());
}

async function contestant(name, launch, upstream, work) {
  const upstreamUrl = `${upstream.origin}${upstream.prefix}`;
  const product = await startProduct({ upstreamUrl, work, name: `traces-${name.replaceAll(/\W+/g, '-')}`, ...launch });
  const { port, pathname } = new URL(product.baseUrl);
  const otherPids = [product.pids.worker, product.pids.postgres].filter((pid) => pid !== undefined);
  pin([product.pids.api], cores?.relay);
  pin(otherPids, cores?.rest);
  return {
    name,
    port: Number(port),
    prefix: pathname.replace(/\/$/, ''),
    key: product.key,
    models: publishedModels,
    relayPids: [product.pids.api],
    otherPids,
  };
}

/** Takes spans and forgets them. */
function startCollector() {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().once('end', () => response.end());
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () =>
      done({
        url: `http://127.0.0.1:${server.address().port}`,
        requests: () => requests,
        close: () =>
          new Promise((closed) => {
            server.close(closed);
            server.closeAllConnections();
          }),
      }),
    );
  });
}

function report(samples, options, foreignLoad, batches) {
  const results = Object.entries(samples).flatMap(([phase, byName]) => {
    const cpuOf = (name) => byName[name].map(({ cpuUs }) => cpuUs);
    return Object.keys(byName).map((name) => ({
      phase,
      name,
      cpuUs: median(cpuOf(name)),
      ofOff: pairedRatio(cpuOf(name), cpuOf('off')),
      range: ratioRange(cpuOf(name), cpuOf('off')),
      perSecond: median(byName[name].map(({ perSecond }) => perSecond)),
      bad: byName[name].reduce((sum, { bad }) => sum + bad, 0),
    }));
  });
  const about = {
    'what traces cost': `${options.rounds} rounds of ${options.seconds} s; the collector was sent ${batches} batches of spans`,
    ...host(),
    'other load': foreignLoad,
  };
  const rows = results.map(({ phase, name, cpuUs, ofOff, range, perSecond, bad }) => [
    `${phase}, ${name}`,
    numberText(cpuUs, 1),
    numberText(ofOff, 2),
    range === null ? '' : range.map((value) => value.toFixed(2)).join('–'),
    numberText(perSecond, 0),
    String(bad),
  ]);
  const header = ['calls, traces', 'CPU per call, µs', '÷ off', 'rounds', 'calls/s', 'not good'];
  return { text: [...headLines(about), '', ...textTable([header, ...rows]), ''].join('\n'), data: { about, results, samples } };
}
