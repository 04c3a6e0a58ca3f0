import { access, constants, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { clusterDir, databaseUser, openCluster, type Cluster } from './cluster.js';
import { EmbeddedPostgresError, errorCode } from './embedded-postgres-error.js';
import { findFreePort } from './free-port.js';
import {
  isPostmasterOf,
  launchPostmaster,
  readPostmasterFile,
  removeStalePidFile,
  settledPostmaster,
  stopPostmaster,
  type LaunchOptions,
} from './postmaster.js';
import { serverAccount } from './server-account.js';
import { findServerPackage, prepareServerBinaries } from './server-binaries.js';

const databaseName = 'gt';
const attempts = 4;

export interface EmbeddedPostgresOptions {
  /** A folder for this server alone: its data, its password, its log. Created when missing. */
  readonly dataDir: string;
  /** Called for each step, with a sentence for the person at the terminal. */
  readonly onProgress?: (text: string) => void;
  /** Where the server logs; `<dataDir>/postgres.log` by default. */
  readonly logFile?: string;
  /** Further settings of PostgreSQL, e.g. `{ fsync: 'off' }` for a test. An adopted server keeps those it has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running PostgreSQL 18 on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** Address of the database `gt` with user and password. A secret. */
  readonly url: string;
  readonly port: number;
  /** Process id of the server. */
  readonly pid: number;
  /** True when the server was running already, left behind by a process that was killed. */
  readonly adopted: boolean;
  /** True while the server's process lives. */
  isRunning(): boolean;
  /** Stops the server and waits for it. Harmless when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that comes as an npm package, or adopts the one that is running on the same data, and makes
 * sure that the database `gt` exists. Works as root and as an ordinary user, below private folders, and after a crash
 * of anything. Two that start at once end up with the same server. The server outlives this process if it is killed.
 * @throws EmbeddedPostgresError with the way out when this machine cannot run it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const onProgress = options.onProgress ?? (() => undefined);
  const source = await findServerPackage();
  const baseDir = await openFolder(options.dataDir);
  const account = serverAccount(clusterDir(baseDir));
  const nativeDir = await prepareServerBinaries(source, account, join(baseDir, 'programs'), onProgress);
  const cluster = await openCluster({
    baseDir,
    nativeDir,
    majorVersion: source.version.split('.')[0] ?? '',
    account,
    onProgress,
  });
  const { pid, port, adopted } = await runOrAdopt(cluster, onProgress, {
    dataDir: cluster.dataDir,
    nativeDir,
    account,
    logFile: options.logFile ?? join(baseDir, 'postgres.log'),
    settings: options.settings ?? {},
  });
  await checkDataDirectory(cluster, port);
  const url = await ensureDatabase(cluster, port);
  return {
    url,
    port,
    pid,
    adopted,
    isRunning: () => isPostmasterOf(cluster.dataDir, pid),
    stop: () => stopPostmaster(cluster.dataDir, pid),
  };
}

async function openFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(path);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The folder ${path} of the embedded database cannot be used (${errorCode(cause) ?? String(cause)}). ` +
        'If it belongs to another user of this machine, run as that user or choose another folder with GT_DATA_DIR.',
      { cause },
    );
  }
}

async function runOrAdopt(
  cluster: Cluster,
  onProgress: (text: string) => void,
  launch: Omit<LaunchOptions, 'port'>,
): Promise<{ pid: number; port: number; adopted: boolean }> {
  let log = '';
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const running = await findRunning(cluster.dataDir, onProgress);
    if (running !== null) return { ...running, adopted: true };
    removeStalePidFile(cluster.dataDir);
    const port = await findFreePort(attempt === 0 ? await lastPort(cluster) : undefined);
    onProgress(`starting PostgreSQL on port ${port}`);
    const outcome = await launchPostmaster({ ...launch, port });
    if ('pid' in outcome) {
      await writeFile(join(cluster.dir, 'port'), String(port), { mode: 0o600 });
      return { pid: outcome.pid, port, adopted: false };
    }
    log = outcome.log;
  }
  throw new EmbeddedPostgresError(`The embedded PostgreSQL does not start. Its last words (${launch.logFile}):\n${log.trim()}`);
}

/** The server that already runs on this data, once it takes connections. */
async function findRunning(dataDir: string, onProgress: (text: string) => void): Promise<{ pid: number; port: number } | null> {
  const file = readPostmasterFile(dataDir);
  if (file === null || !isPostmasterOf(dataDir, file.pid)) return null;
  onProgress(`adopting the running PostgreSQL (process ${file.pid})`);
  if (!(await settledPostmaster(dataDir, file.pid))) return null;
  const port = readPostmasterFile(dataDir)?.port ?? null;
  return port === null ? null : { pid: file.pid, port };
}

async function lastPort(cluster: Cluster): Promise<number | undefined> {
  const port = Number(await readFile(join(cluster.dir, 'port'), 'utf8').catch(() => ''));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function databaseUrl(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${databaseUser}:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${database}`;
}

/** A copied data folder brings a copied pid file: what answers there must be the server of this very folder. */
async function checkDataDirectory(cluster: Cluster, port: number): Promise<void> {
  const rows = await query(databaseUrl(cluster, port, 'postgres'), 'show data_directory');
  const told = String(rows[0]?.['data_directory']);
  const provenByProcess = process.platform === 'linux';
  if (provenByProcess || (await realpath(told).catch(() => told)) === cluster.dataDir) return;
  throw new EmbeddedPostgresError(
    `On port ${port} runs a PostgreSQL of another folder (${told}) than ${cluster.dataDir}. Stop it, or remove postmaster.pid from the copy.`,
  );
}

async function ensureDatabase(cluster: Cluster, port: number): Promise<string> {
  const url = databaseUrl(cluster, port, databaseName);
  try {
    await query(url, 'select 1');
  } catch (error) {
    if (errorCode(error) !== '3D000') throw error;
    await query(databaseUrl(cluster, port, 'postgres'), `create database ${databaseName}`).catch((race: unknown) => {
      if (!['42P04', '23505'].includes(errorCode(race) ?? '')) throw race;
    });
  }
  return url;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
