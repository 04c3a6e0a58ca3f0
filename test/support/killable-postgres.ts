import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js';
import { runFolder } from './postgres.js';
import { until } from './until.js';

/** A commit that was answered has left the server's memory; the disk need not have it, since the machine lives on. */
const settings = { fsync: 'off', synchronous_commit: 'on' } as const;

/**
 * A PostgreSQL of a test's own that can be killed at a chosen moment and comes back with the same data on the same port.
 */
export class KillablePostgres {
  private isHolding = false;

  private constructor(
    private readonly dataDir: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<KillablePostgres> {
    const dataDir = mkdtempSync(join(runFolder(), 'killable-postgres-'));
    return new KillablePostgres(dataDir, await startEmbeddedPostgres({ dataDir, settings }));
  }

  /** Of the database `gt`; the same after each start. */
  get url(): string {
    return this.server.url;
  }

  /** `kill -9` of the server and of all processes of it; returns when they are gone. */
  async kill(): Promise<void> {
    const { pid } = this.server;
    // While it stands still it starts no process that would be left out.
    process.kill(pid, 'SIGSTOP');
    const family = [...childrenOf(pid), pid];
    for (const member of family) process.kill(member, 'SIGKILL');
    await until('all processes of PostgreSQL are gone', () => !family.some(isLiving));
  }

  /** Starts it again on its data. @throws Error when it does not come back on its port. */
  async startAgain(): Promise<void> {
    const { port } = this.server;
    this.server = await startEmbeddedPostgres({ dataDir: this.dataDir, settings });
    if (this.server.port !== port) throw new Error(`The server came back on port ${this.server.port}, not on ${port}.`);
    if (!this.isHolding) return;
    await this.sql('alter system reset synchronous_standby_names');
    await this.sql('select pg_reload_conf()');
    this.isHolding = false;
  }

  /** Lets everybody read the table and nobody write into it, until the lock is let go or the server killed. */
  async lock(table: string): Promise<() => Promise<void>> {
    const client = await this.connect();
    await client.query(`begin; lock table ${table} in share mode`);
    return () => client.end();
  }

  /** Waits until somebody wants to write into a locked table. */
  async writerWaits(table: string): Promise<void> {
    const waiting = `select 1 from pg_locks where not granted and relation = '${table}'::regclass`;
    await until(`somebody waits to write into ${table}`, async () => (await this.sql(waiting)).length > 0, 30_000);
  }

  /** From now on commits are made and not answered: they wait for a second server, which does not exist. */
  async holdCommits(): Promise<void> {
    this.isHolding = true;
    await this.sql("alter system set synchronous_standby_names = 'nobody'");
    await this.sql('select pg_reload_conf()');
    await until('commits are held', async () => {
      this.sql("select pg_logical_emit_message(true, 'probe', '')").catch(() => undefined);
      return (await this.sql("select 1 from pg_stat_activity where wait_event = 'SyncRep'")).length > 0;
    });
  }

  /** Waits until a commit is held that has written into the table. */
  async commitIsHeld(table: string): Promise<void> {
    const held = `select 1 from pg_locks join pg_stat_activity using (pid)
      where wait_event = 'SyncRep' and relation = '${table}'::regclass and mode = 'RowExclusiveLock'`;
    await until(`a commit into ${table} is held`, async () => (await this.sql(held)).length > 0, 30_000);
  }

  /** Runs a statement on a connection of its own. */
  async sql(statement: string): Promise<unknown[]> {
    const client = await this.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** What it has told of errors so far: all but what it logs for information. */
  errors(): string[] {
    const lines = readFileSync(join(this.dataDir, 'postgres.log'), 'utf8').split('\n');
    return lines.filter((line) => /\b(WARNING|ERROR|FATAL|PANIC): /.test(line));
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

function childrenOf(parent: number): number[] {
  const pairs = process.platform === 'linux' ? linuxProcesses() : listedProcesses();
  return pairs.flatMap(([pid, of]) => (of === parent ? [pid] : []));
}

/** Each process with its parent. */
function linuxProcesses(): [pid: number, parent: number][] {
  return readdirSync('/proc').flatMap((name) => {
    const parent = /^\d+$/.test(name) ? statOf(Number(name))?.parent : undefined;
    return parent === undefined ? [] : [[Number(name), parent] as [number, number]];
  });
}

function listedProcesses(): [pid: number, parent: number][] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}

/** One that has ended and only waits to be collected does not live. */
function isLiving(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !['Z', 'X', undefined].includes(statOf(pid)?.state);
}

function statOf(pid: number): { readonly state: string | undefined; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name stands in parentheses and may hold spaces and parentheses itself.
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
