import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, serverEnvironment, startError } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { dataArgument, type ServerAccount } from './server-account.js';
import { programPath } from './server-binaries.js';

/** What PostgreSQL writes into `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | null;
  /** True when it takes connections. */
  readonly ready: boolean;
}

export interface LaunchOptions {
  readonly dataDir: string;
  readonly nativeDir: string;
  readonly account: ServerAccount | null;
  readonly port: number;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}

const pollMs = 10;

/** Small, since it shares the machine with everything else; durable, since it may hold the only copy of the data. */
const defaultSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '200',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
} as const;

/** Reads `postmaster.pid`; null when it is absent or not yet whole. */
export function readPostmasterFile(dataDir: string): PostmasterFile | null {
  const lines = readPidFile(dataDir)?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const port = Number(lines[3]);
  return { pid, port: Number.isInteger(port) && port > 0 ? port : null, ready: lines[7]?.trim() === 'ready' };
}

function readPidFile(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8');
  } catch {
    return null;
  }
}

/**
 * True when the process is the PostgreSQL server of this data folder and not a stranger that got its number later.
 * A server's current folder is its data folder; where the system does not tell, the program's name must do, and the
 * caller's question for `data_directory` decides.
 */
export function isPostmasterOf(dataDir: string, pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
    if (process.platform === 'win32') return true;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes('postgres');
  } catch {
    return false;
  }
}

/**
 * Removes a `postmaster.pid` whose number has gone to a stranger. PostgreSQL itself clears the file of a dead process,
 * but refuses to start while any process of its account has that number.
 */
export function removeStalePidFile(dataDir: string): void {
  const content = readPidFile(dataDir);
  const file = readPostmasterFile(dataDir);
  if (content === null || file === null || !isAlive(file.pid) || isPostmasterOf(dataDir, file.pid)) return;
  if (readPidFile(dataDir) === content) unlinkSync(join(dataDir, 'postmaster.pid'));
}

/**
 * Starts the server and waits until it takes connections, however long its crash recovery takes. It is a process of
 * its own session: a Ctrl-C in the terminal does not reach it, so that the application can end first.
 * @returns its process id, or what it logged when it ended instead.
 */
export async function launchPostmaster(options: LaunchOptions): Promise<{ pid: number } | { log: string }> {
  const log = openSync(options.logFile, 'a', 0o600);
  const logStart = statSync(options.logFile).size;
  const settings = { ...defaultSettings, ...options.settings, port: String(options.port) };
  const child = spawn(
    programPath(options.nativeDir, 'postgres'),
    [
      '-D',
      dataArgument(options.dataDir, options.account),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { cwd: options.dataDir, env: serverEnvironment(), stdio: ['ignore', log, log], detached: true, ...options.account },
  );
  closeSync(log);
  let failure: Error | null = null;
  child.once('error', (error) => (failure = startError(error)));
  child.unref();
  for (;;) {
    if (failure !== null) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) {
      return { log: readFileSync(options.logFile).subarray(logStart).toString() };
    }
    const file = readPostmasterFile(options.dataDir);
    if (file !== null && file.pid === child.pid && file.ready) return { pid: file.pid };
    await wait(pollMs);
  }
}

/** Waits while the server starts, recovers or stops. True when it takes connections, false when it has ended. */
export async function settledPostmaster(dataDir: string, pid: number): Promise<boolean> {
  while (isPostmasterOf(dataDir, pid)) {
    const file = readPostmasterFile(dataDir);
    if (file?.pid === pid && file.ready) return true;
    await wait(pollMs);
  }
  return false;
}

/**
 * Stops the server by a fast shutdown (open transactions are rolled back, everything is on the disk) and waits for its
 * end. After `timeoutMs` it is ended at once and will recover at the next start. Does nothing when it is gone.
 */
export async function stopPostmaster(dataDir: string, pid: number, timeoutMs = 30_000): Promise<void> {
  if (await signalAndWait(dataDir, pid, 'SIGINT', timeoutMs)) return;
  if (await signalAndWait(dataDir, pid, 'SIGQUIT', 5_000)) return;
  throw new EmbeddedPostgresError(`The embedded PostgreSQL (process ${pid}) does not stop.`);
}

async function signalAndWait(dataDir: string, pid: number, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  if (!isPostmasterOf(dataDir, pid)) return true;
  process.kill(pid, signal);
  for (const end = Date.now() + timeoutMs; Date.now() < end; await wait(pollMs)) {
    if (!isPostmasterOf(dataDir, pid)) return true;
  }
  return false;
}
