import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findFreePort } from '../../src/platform/embedded-postgres/free-port.js';
import { describeWith, onThePath } from './installed.js';
import { runFolder } from './postgres.js';
import { until } from './until.js';

/** A redis-server of a test's own. */
export interface TestRedis {
  readonly url: string;
  /** Starts it again on the same port, with the data that it had. */
  start(): Promise<void>;
  /** Ends it; `SIGKILL` as a crash would. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Makes it hang: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
}

/**
 * Describes what needs a real redis-server. Where none is installed the block says that it was left out, unless
 * GT_TEST_REQUIRE_REDIS=1: then it fails.
 */
export function describeWithRedis(name: string, block: () => void): void {
  describeWith('redis-server', onThePath('redis-server'), 'GT_TEST_REQUIRE_REDIS', name, block);
}

/** Starts a redis-server on a free port of 127.0.0.1. */
export async function startRedis(): Promise<TestRedis> {
  const port = await findFreePort();
  const folder = mkdtempSync(join(runFolder(), 'redis-'));
  let server = await launch(port, folder);
  return {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      server = await launch(port, folder);
    },
    stop: async (signal = 'SIGTERM') => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill('SIGCONT');
      server.kill(signal);
      await once(server, 'exit');
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
  };
}

async function launch(port: number, folder: string): Promise<ChildProcess> {
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'no',
  ];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  await until('redis-server answers', () => answers(port));
  return server;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    socket.once('data', (data) => resolve(data.toString().startsWith('+PONG')));
    socket.once('error', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });
}
