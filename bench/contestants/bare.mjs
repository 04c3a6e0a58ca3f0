import { fileURLToPath } from 'node:url';
import { announcedPort, cores, startProcess } from '../processes.mjs';
import { upstreamModels } from '../upstream.mjs';

const script = fileURLToPath(new URL('../bare-relay.mjs', import.meta.url));

/** Starts the bare relay (bench/bare-relay.mjs) under the given name. */
export async function startBare({ upstream, name = 'bare' }) {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production' };
  const started = startProcess(process.execPath, [script, upstream.origin], { core: cores?.relay, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const port = await announcedPort(started, 'the bare relay');
  return { name, port, prefix: upstream.prefix, key: null, models: upstreamModels, relayPids: [started.pid], otherPids: [] };
}
