import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { findProgram, startProcess } from './processes.mjs';
import { untilListening } from './until-listening.mjs';

/** Starts a redis-server of the benchmark's own, which keeps nothing: its `url` and `pid`. Null where none is installed. */
export async function startRedis({ work }) {
  const program = findProgram('redis-server');
  if (program === null) return null;
  const port = await freePort();
  const folder = join(work, 'redis-server');
  mkdirSync(folder);
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const started = startProcess(program, args, { stdio: 'ignore' });
  await untilListening(port, started, 'redis-server');
  return { url: `redis://127.0.0.1:${port}`, pid: started.pid };
}
