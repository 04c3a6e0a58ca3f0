import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { UpError } from './up-error.js';

export interface ProcessSpec {
  /** As it stands in messages, `up.json` and the log's file name. */
  readonly name: string;
  readonly script: string;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
}

export interface ProcessEvents {
  /** Called with each new process, also after a restart. */
  readonly onStart: (name: string, pid: number) => void;
  /** A sentence for the terminal. */
  readonly onTrouble: (text: string) => void;
}

const firstBackoffMs = 250;
const longestBackoffMs = 10_000;
/** Who has run this long is well: its next end starts the backoff anew. */
const healthyAfterMs = 30_000;
const shownLogLines = 30;

/**
 * One of the platform's own processes. It has a session of its own, so that a Ctrl-C in the terminal reaches `up`
 * alone, which ends the processes in order. Once kept, it is started again whenever it ends unasked.
 */
export class ManagedProcess {
  private child: ChildProcess | null = null;
  private ended: Promise<string> = Promise.resolve('not started');
  private endedHow: string | null = 'not started';
  private logStart = 0;
  private kept = false;
  private stopping = false;

  constructor(
    private readonly spec: ProcessSpec,
    private readonly events: ProcessEvents,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Starts the process; the log is appended to. */
  start(): void {
    const log = openSync(this.spec.logFile, 'a', 0o600);
    this.logStart = statSync(this.spec.logFile).size;
    const { script, nodeOptions = [], args = [], environment } = this.spec;
    const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
      env: environment,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.child = child;
    this.endedHow = null;
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.endedHow = how;
        resolve(how);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
    if (child.pid !== undefined) this.events.onStart(this.spec.name, child.pid);
  }

  /**
   * Waits until the check says yes.
   * @throws UpError with the end of the log when the process ends before that, or after `timeoutMs`.
   */
  async whenReady(check: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; !(await check()); await wait(25)) {
      this.assertRunning();
      if (Date.now() > deadline) throw this.failure(`was not ready within ${Math.round(timeoutMs / 1000)} s`);
    }
  }

  /** @throws UpError with the end of the log when the process has ended. */
  assertRunning(): void {
    if (this.endedHow !== null) throw this.failure(`ended (${this.endedHow})`);
  }

  /** From now on the process is started again when it ends unasked, after a pause that grows. */
  keep(): void {
    if (this.kept) return;
    this.kept = true;
    void this.restartForever();
  }

  /** Asks the process to end (SIGTERM) and waits; kills it after `graceMs` or when `hurry` fires. */
  async stop(graceMs: number, hurry: AbortSignal): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child === null || this.endedHow !== null) return;
    const kill = () => void child.kill('SIGKILL');
    const timer = setTimeout(kill, graceMs);
    hurry.addEventListener('abort', kill, { once: true });
    child.kill('SIGTERM');
    if (hurry.aborted) kill();
    await this.ended;
    clearTimeout(timer);
    hurry.removeEventListener('abort', kill);
  }

  private async restartForever(): Promise<void> {
    for (let backoffMs = firstBackoffMs; ; backoffMs = Math.min(backoffMs * 2, longestBackoffMs)) {
      const started = Date.now();
      const how = await this.ended;
      if (this.stopping) return;
      if (Date.now() - started > healthyAfterMs) backoffMs = firstBackoffMs;
      this.events.onTrouble(`The ${this.name} ended (${how}); starting it again. Its log: ${this.spec.logFile}`);
      await wait(backoffMs);
      if (this.stopping) return;
      this.start();
    }
  }

  private failure(what: string): UpError {
    const lines = readFileSync(this.spec.logFile).subarray(this.logStart).toString().trimEnd().split('\n');
    const tail = lines.slice(-shownLogLines).join('\n');
    return new UpError(`The ${this.name} ${what}. The end of its log (${this.spec.logFile}):\n${tail}`);
  }
}
