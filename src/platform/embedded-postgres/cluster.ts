import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, errorCode } from './embedded-postgres-error.js';
import { dataArgument, type ServerAccount } from './server-account.js';
import { programPath } from './server-binaries.js';

/** The superuser that the platform connects as; row-level security binds it through `set role` (docs/decisions). */
export const databaseUser = 'gt';

/**
 * One embedded database on the disk: `<dataDir>/cluster` with `data` (PostgreSQL's own), `password` (mode 0600) and
 * `port` (the last one used). Password and data are made together and appear together, by one rename.
 */
export interface Cluster {
  readonly dir: string;
  readonly dataDir: string;
  readonly password: string;
}

export interface ClusterOptions {
  /** Where `cluster` lies or will lie. Must exist. */
  readonly baseDir: string;
  readonly nativeDir: string;
  readonly majorVersion: string;
  readonly account: ServerAccount | null;
  readonly onProgress: (text: string) => void;
}

/** Path of the cluster below the base folder, whether it exists or not. */
export function clusterDir(baseDir: string): string {
  return join(baseDir, 'cluster');
}

/**
 * Opens the cluster, creating it when there is none. Safe to be killed and to be run by two at once: a half-made
 * cluster has another name, and of two complete ones the first rename wins.
 * @throws EmbeddedPostgresError when the data belongs to another user or another major version of PostgreSQL.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const dir = clusterDir(options.baseDir);
  if (!existsSync(dir)) {
    await sweepHalfMade(options.baseDir);
    await createCluster(options, dir);
  }
  const dataDir = join(dir, 'data');
  try {
    const version = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
    if (version !== options.majorVersion) throw versionError(dataDir, version, options.majorVersion);
    return { dir, dataDir, password: (await readFile(join(dir, 'password'), 'utf8')).trim() };
  } catch (cause) {
    if (errorCode(cause) === 'EACCES' || errorCode(cause) === 'EPERM') throw foreignError(dir, cause);
    if (errorCode(cause) === 'ENOENT') throw damagedError(dir, cause);
    throw cause;
  }
}

async function createCluster(options: ClusterOptions, dir: string): Promise<void> {
  options.onProgress('creating the database');
  const part = `${dir}.part-${process.pid}-${randomBytes(4).toString('hex')}`;
  const dataDir = join(part, 'data');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(join(part, 'password'), randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (options.account !== null) {
    const { uid, gid } = options.account;
    for (const path of [part, dataDir, join(part, 'password')]) await chown(path, uid, gid);
  }
  await runInitdb(options, dataDir);
  try {
    await rename(part, dir);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
}

/** The password file is named relative to the data folder: the account may not be able to walk the whole path. */
async function runInitdb(options: ClusterOptions, dataDir: string): Promise<void> {
  const child = spawn(
    programPath(options.nativeDir, 'initdb'),
    [
      '-D',
      dataArgument(dataDir, options.account),
      `--username=${databaseUser}`,
      '--auth=scram-sha-256',
      '--pwfile=../password',
      '--locale=C',
      '--encoding=UTF8',
      '--no-instructions',
    ],
    { cwd: dataDir, env: serverEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], ...options.account },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.on('error', (cause) => reject(startError(cause)));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  if (status === 0) return;
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL could not create its database (initdb ended with ${status}):\n${output.trim()}\n` +
      'Set DATABASE_URL to use a PostgreSQL server instead.',
  );
}

/** What the server sees of our environment: nothing that could redirect it (PGDATA, PGPORT, LD_LIBRARY_PATH). */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/** The programs are there but cannot run, e.g. on a Linux with another C library. */
export function startError(cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL cannot run on this system (${cause instanceof Error ? cause.message : String(cause)}). ` +
      'Set DATABASE_URL to a PostgreSQL server.',
    { cause },
  );
}

/** Leftovers of creators that were killed; those of a living process are left alone. */
async function sweepHalfMade(baseDir: string): Promise<void> {
  for (const name of await readdir(baseDir)) {
    const maker = /^cluster\.part-(\d+)-/.exec(name)?.[1];
    if (maker === undefined || isAlive(Number(maker))) continue;
    await rm(join(baseDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** True when a process with this id exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function foreignError(dir: string, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded database in ${dir} belongs to another user of this machine. ` +
      'Run as that user, choose another folder with GT_DATA_DIR, or set DATABASE_URL.',
    { cause },
  );
}

function damagedError(dir: string, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded database in ${dir} is not complete. Restore it from a backup, move it away to begin anew, or set DATABASE_URL.`,
    { cause },
  );
}

function versionError(dataDir: string, found: string, expected: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The database in ${dataDir} was made by PostgreSQL ${found}, this is PostgreSQL ${expected}. ` +
      'Export it with the version that made it (pg_dump), or set DATABASE_URL to a server of that version.',
  );
}
