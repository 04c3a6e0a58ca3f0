import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { startProduct } from './product.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { phases } from './phases.mjs';
import { makeWorkFolder } from './processes.mjs';
import { startUpstream } from './upstream.mjs';
import { variant, variantReport } from './variants.mjs';

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
    const upstreamUrl = `${upstream.origin}${upstream.prefix}`;
    const product = await startProduct({ upstreamUrl, work, name: `traces-${name.replaceAll(/\W+/g, '-')}`, ...launch });
    contestants.push(variant(name, product));
  }
  const watch = watchForeignLoad(contestants);
  const samples = {};
  for (const phase of phases.filter(({ id }) => measured.includes(id)))
    samples[phase.id] = await runPhase({ phase, contestants, direct: null, generator, options, tell });
  await collector.close();
  const note = `; the collector was sent ${collector.requests()} batches of spans`;
  return variantReport(samples, { options, foreignLoad: watch(), what: 'traces', note });
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
