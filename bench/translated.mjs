import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { watchForeignLoad } from './foreign-load.mjs';
import { cpuSeconds } from './proc.mjs';
import { announcedPort, makeWorkFolder, startProcess } from './processes.mjs';
import { launchProduct } from './product.mjs';
import { host } from './report.mjs';
import { median, pairedDifference, pairedRatio, ratioRange } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';

const upstream = fileURLToPath(new URL('./translated-upstream.mjs', import.meta.url));
/** Words of a stream, each an event of its own. */
const words = 200;
const connections = 16;
/** Streams of one path in a round whose first word is timed, one at a time. */
const timed = 40;
/** Models of the provider: one that says all at once, and one whose first word comes alone. */
const models = ['busy', 'timed'];
const publishedName = (model, wire) => `${model}-${wire}`;
/** Of chat's bytes, where a stream is said anew in OpenAI's other form, and in the words of another wire. */
const targets = { ratio: 3, dialectRatio: 4, addedMs: 1.5 };

const chat = {
  route: '/chat/completions',
  body: (model) => ({ model, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
};
const responses = { route: '/responses', body: (model) => ({ model, stream: true, store: false, input: 'hi' }) };

const messages = {
  route: '/messages',
  body: (model) => ({ model, stream: true, max_tokens: 1_000, messages: [{ role: 'user', content: 'hi' }] }),
};
const contents = {
  routeOf: (model) => `/models/${model}:streamGenerateContent?alt=sse`,
  body: () => ({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
};

/** Ways through the product: the door that the client asks at, the wire of the provider behind it, and its direct way. */
const ways = [
  { name: 'chat, bytes', ...chat, wire: 'openai', direct: 'direct chat' },
  { name: 'chat over Responses', ...chat, wire: 'responses', direct: 'direct Responses', same: 'chat, bytes' },
  { name: 'Responses, own wire', ...responses, wire: 'openai', direct: 'direct Responses' },
  { name: 'Responses over chat', ...responses, wire: 'chat', direct: 'direct chat', same: 'Responses, own wire' },
  { name: 'chat over Anthropic', ...chat, wire: 'anthropic', direct: 'direct Anthropic', same: 'chat, bytes' },
  { name: 'chat over Gemini', ...chat, wire: 'gemini', direct: 'direct Gemini', same: 'chat, bytes' },
];
const directs = [
  { name: 'direct chat', ...chat },
  { name: 'direct Responses', ...responses },
  { name: 'direct Anthropic', ...messages },
  { name: 'direct Gemini', ...contents },
];

/**
 * Streams that are said anew on another wire beside those that pass as bytes: processor time of the API for each word, and
 * how much later than at the provider the first word is there.
 * @returns `text`, the table, and `data`, the same as numbers.
 */
export async function translated({ options, tell }) {
  const provider = startProcess(process.execPath, [upstream, String(words)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const origin = `http://127.0.0.1:${await announcedPort(provider, 'the upstream of the translations')}/v1`;
  tell('translated: starting the product');
  const product = await launchProduct({ work: makeWorkFolder(), name: 'translated' });
  const key = await provision(product, origin);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const watch = watchForeignLoad([{ relayPids: [product.pids.api], otherPids: [provider.pid, ...product.everyPid] }]);
  const samples = Object.fromEntries([...ways, ...directs].map(({ name }) => [name, { cpuUs: [], firstMs: [] }]));
  const through = (way, model) => {
    const [base, name] = way.wire === undefined ? [origin, model] : [product.baseUrl, publishedName(model, way.wire)];
    return stream(base, key, way, name, agent);
  };
  for (const way of ways) await busy(() => through(way, 'busy'), options.warmUpSeconds);
  for (let round = 1; round <= options.rounds; round += 1) {
    tell(`translated: round ${round} of ${options.rounds}`);
    for (const way of ways) {
      const before = cpuSeconds([product.pids.api]);
      const streams = await busy(() => through(way, 'busy'), options.seconds);
      await pause(options.settleMs / 2);
      const used = cpuSeconds([product.pids.api]) - before;
      samples[way.name].cpuUs.push((used * 1e6) / (streams * words));
    }
    const firsts = Object.fromEntries([...ways, ...directs].map(({ name }) => [name, []]));
    for (let turn = 0; turn < timed; turn += 1)
      for (const way of [...ways, ...directs]) firsts[way.name].push((await through(way, 'timed')).firstMs);
    for (const [name, all] of Object.entries(firsts)) samples[name].firstMs.push(median(all));
  }
  agent.destroy();
  return report(samples, options, watch());
}

async function provision({ create, baseUrl }, origin) {
  const wires = [...new Set(ways.map(({ wire }) => wire))];
  for (const wire of wires) {
    await create('/connections', { name: `to-${wire}`, base_url: origin, wire, auth: { mode: 'none' } });
    for (const model of models)
      await create('/endpoints', { name: publishedName(model, wire), raw_model: { connection: `to-${wire}`, model } });
  }
  const { secret } = await create('/keys', { name: 'translated', preset: 'platform-automation', raw_models: ['*'] });
  const headers = { authorization: `Bearer ${secret}` };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await fetch(`${baseUrl}/models/${publishedName('timed', 'responses')}`, { headers })).status === 200) return secret;
    await pause(100);
  }
  throw new Error('the product does not publish the models of the translations');
}

/** Keeps all connections busy. @returns how many streams ended. */
async function busy(ask, seconds) {
  const until = performance.now() + seconds * 1_000;
  let streams = 0;
  const work = async () => {
    while (performance.now() < until) {
      await ask();
      streams += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return streams;
}

/** Reads one stream to its end. @returns when its first word was there. @throws Error for a stream that is not whole. */
function stream(base, key, { route, routeOf, body, name }, model, agent) {
  const sent = JSON.stringify(body(model));
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(sent),
  };
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const call = request(base + (routeOf?.(model) ?? route), { method: 'POST', headers, agent }, (reply) => {
      let firstMs;
      let tail = '';
      reply.setEncoding('latin1').on('data', (text) => {
        if (firstMs === undefined && `${tail}${text}`.includes(' word')) firstMs = performance.now() - startedAt;
        tail = (tail + text).slice(-200_000);
      });
      reply.once('error', reject).once('end', () => {
        if (
          reply.statusCode === 200 &&
          firstMs !== undefined &&
          /\[DONE\]|"response\.completed"|"message_stop"|"finishReason"/.test(tail)
        )
          resolve({ firstMs });
        else reject(new Error(`a stream of "${name}" was not whole (status ${reply.statusCode}): ${tail.slice(0, 200)}`));
      });
    });
    call.once('error', reject).end(sent);
  });
}

function report(samples, options, foreignLoad) {
  const results = ways.map(({ name, direct, same, wire }) => {
    const { cpuUs, firstMs } = samples[name];
    return {
      name,
      cpuUs: median(cpuUs),
      ofBytes: pairedRatio(cpuUs, samples['chat, bytes'].cpuUs),
      range: ratioRange(cpuUs, samples['chat, bytes'].cpuUs),
      ofSameDoor: same === undefined ? null : pairedRatio(cpuUs, samples[same].cpuUs),
      firstMs: median(firstMs),
      addedMs: pairedDifference(firstMs, samples[direct].firstMs),
      moreMs: pairedDifference(firstMs, samples['chat, bytes'].firstMs),
      isTranslated: same !== undefined,
      mostOfBytes: wire === 'anthropic' || wire === 'gemini' ? targets.dialectRatio : targets.ratio,
    };
  });
  const about = {
    'streams that are said anew': `${words} words, an event each; ${connections} connections; ${options.rounds} rounds of ${options.seconds} s`,
    ...host(),
    target: `translated: ≤ ${targets.ratio} of chat's bytes, ≤ ${targets.dialectRatio} over other wires; first word added ≤ ${targets.addedMs} ms`,
    'other load': foreignLoad,
  };
  const rows = results.map((one) => [
    one.name,
    numberText(one.cpuUs, 1),
    numberText(one.ofBytes, 2),
    one.range === null ? '' : one.range.map((value) => value.toFixed(2)).join('–'),
    numberText(one.ofSameDoor, 2),
    numberText(one.firstMs, 2),
    numberText(one.addedMs, 2),
    numberText(one.moreMs, 2),
    one.isTranslated && (one.ofBytes > one.mostOfBytes || one.addedMs > targets.addedMs) ? 'MISSED' : '',
  ]);
  const header = [
    'stream',
    'CPU per word, µs',
    '÷ chat bytes',
    'rounds',
    '÷ own wire',
    'first word, ms',
    'added, ms',
    'more than bytes, ms',
    '',
  ];
  return {
    text: [...headLines(about), '', ...textTable([header, ...rows]), ''].join('\n'),
    data: { about, results, samples },
  };
}
