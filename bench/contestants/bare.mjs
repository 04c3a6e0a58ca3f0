import { fileURLToPath } from 'node:url';
import { announcedPort, cores, startProcess } from '../processes.mjs';
import { upstreamModels } from '../upstream.mjs';

const script = fileURLToPath(new URL('../bare-relay.mjs', import.meta.url));

/**
 * Starts the bare relay (bench/bare-relay.mjs) under the given name, `processes` times: the rounds take them in turn.
 * Starts of one and the same Node program were seen to settle at speeds up to 1.5 apart, and a ratio to one lucky or
 * unlucky process would say little.
 */
export async function startBare({ upstream, name = 'bare', processes = 3 }) {
  const instances = [];
  for (let count = 0; count < processes; count += 1) instances.push(await startInstance(upstream));
  return { name, prefix: upstream.prefix, key: null, models: upstreamModels, otherPids: [], ...instances[0], instances };
}

async function startInstance(upstream) {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production' };
  const started = startProcess(process.execPath, [script, upstream.origin], {
    core: cores?.relay,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return { port: await announcedPort(started, 'the bare relay'), relayPids: [started.pid] };
}
