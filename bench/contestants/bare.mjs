import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { announcedPort, cores, startProcess } from '../processes.mjs';
import { publishedModels } from '../product.mjs';
import { wellFormedKey } from '../requests.mjs';
import { upstreamModels } from '../upstream.mjs';

const script = fileURLToPath(new URL('../bare-relay.mjs', import.meta.url));

/**
 * Starts the bare relay (bench/bare-relay.mjs) under the given name, `processes` times: the rounds take them in turn.
 * Starts of one and the same Node program were seen to settle at speeds up to 1.5 apart, and a ratio to one lucky or
 * unlucky process would say little. Like the product it knows a key and publishes the models under other names.
 */
export async function startBare({ upstream, work, name = 'bare', processes = 3 }) {
  const key = wellFormedKey();
  const instances = [];
  for (let count = 0; count < processes; count += 1) {
    instances.push(await startInstance({ origin: upstream.origin, key, log: join(work, `${name}-${count}.log`) }));
  }
  return { name, prefix: upstream.prefix, key, models: publishedModels, otherPids: [], ...instances[0], instances };
}

async function startInstance({ origin, key, log }) {
  const models = Object.fromEntries(Object.entries(publishedModels).map(([use, published]) => [published, upstreamModels[use]]));
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production' };
  const started = startProcess(process.execPath, [script, JSON.stringify({ origin, key, models, log })], {
    core: cores?.relay,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return { port: await announcedPort(started, 'the bare relay'), relayPids: [started.pid] };
}
