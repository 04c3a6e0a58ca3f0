import { readFile } from 'node:fs/promises';
import type { DocumentFailureCode } from './document-failure.js';

const memoryCheckMs = 50;

/** What a child may use beside the limits that it keeps itself. */
export interface ChildLimits {
  /** Time that the child has, in milliseconds; while the reader of its sections is busy, it does not run. */
  readonly timeoutMs: number;
  /** Memory of the whole process, in bytes: also what V8's own limit does not count. Watched on Linux only. */
  readonly maxResidentBytes: number;
}

/** Watches a child's time and memory and ends it when it passes a limit. */
export class ChildWatch {
  /** Why the child was ended, when it was ended here. */
  verdict: Extract<DocumentFailureCode, 'parse_timeout' | 'parse_memory'> | undefined;
  private remainingMs: number;
  private resumedAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly pid: number,
    private readonly limits: ChildLimits,
    private readonly kill: () => void,
  ) {
    this.remainingMs = limits.timeoutMs;
    this.resume();
    void this.watchMemory();
  }

  /** The clock runs again. */
  resume(): void {
    this.resumedAt = performance.now();
    this.timer = setTimeout(() => this.end('parse_timeout'), Math.max(0, this.remainingMs));
  }

  /** The clock stands still: the child may have to wait for its reader. */
  pause(): void {
    clearTimeout(this.timer);
    this.remainingMs -= performance.now() - this.resumedAt;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  private end(verdict: 'parse_timeout' | 'parse_memory'): void {
    this.verdict ??= verdict;
    this.kill();
  }

  private async watchMemory(): Promise<void> {
    while (!this.isStopped) {
      const bytes = await peakBytes(this.pid);
      if (bytes === undefined) return;
      if (bytes > this.limits.maxResidentBytes && !this.isStopped) return this.end('parse_memory');
      await new Promise((resolve) => setTimeout(resolve, memoryCheckMs).unref());
    }
  }
}

/** The most memory that the process has used so far; undefined where the system does not tell, or the process is gone. */
async function peakBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
