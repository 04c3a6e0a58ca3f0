import { readFileSync } from 'node:fs';
import type { DocumentFailureCode } from './document-failure.js';

const checkMs = 50;
/** Processor time after which a process lets everything else go first, in milliseconds: far more than a small document takes. */
const firstMs = 1_000;
/** Linux tells processor time in hundredths of a second. */
const tickMs = 10;

/** What a child may use, in addition to the limits that it enforces itself. */
export interface ChildLimits {
  /** Time that the child has, in milliseconds; while the reader of its sections is busy, it does not run. */
  readonly timeoutMs: number;
  /**
   * Processor time in which it may say nothing, in milliseconds: what is stuck is ended sooner than what gets on, and on a
   * busy machine neither is ended for others' work. Watched on Linux only.
   */
  readonly silentMs: number;
  /** Memory of the whole process, in bytes: also what V8's own limit does not count. Watched on Linux only. */
  readonly maxResidentBytes: number;
}

/** A process that reads documents, as far as it is watched. */
export interface WatchedChild {
  readonly pid: number;
  kill(): void;
  /** Everything else on the machine goes first from now on. There is no way back. */
  yieldToOthers(): void;
}

/**
 * Watches a child's time and memory and ends it when it passes a limit. A child that has used more than a second of a
 * processor, for however many documents, yields to others: neither answering a chat nor another's small document waits for
 * a large one.
 */
export class ChildWatch {
  /** Why the child was ended, when it was ended here. */
  verdict: Extract<DocumentFailureCode, 'parse_timeout' | 'parse_memory'> | undefined;
  private remainingMs: number;
  private resumedAt = 0;
  private timer: NodeJS.Timeout | undefined;
  /** What the child had used when it was first looked at after its last word. */
  private usedAtWord: number | undefined;
  private isStopped = false;

  constructor(
    private readonly child: WatchedChild,
    private readonly limits: ChildLimits,
  ) {
    this.remainingMs = limits.timeoutMs;
    this.resume();
    void this.watchUse();
  }

  /** The clock runs again. */
  resume(): void {
    this.resumedAt = performance.now();
    this.timer = setTimeout(() => this.end('parse_timeout'), Math.max(0, this.remainingMs));
    this.heard();
  }

  /** The child has said something. */
  heard(): void {
    this.usedAtWord = undefined;
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
    this.child.kill();
  }

  private async watchUse(): Promise<void> {
    let isFirst = true;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, checkMs).unref());
      if (this.isStopped) return;
      const bytes = peakBytes(this.child.pid);
      if (bytes === undefined) return;
      if (bytes > this.limits.maxResidentBytes && !this.isStopped) return this.end('parse_memory');
      const used = usedMs(this.child.pid);
      if (used === undefined) return;
      if (isFirst && used > firstMs) this.child.yieldToOthers();
      isFirst &&= used <= firstMs;
      this.usedAtWord ??= used;
      if (used - this.usedAtWord > this.limits.silentMs && !this.isStopped) return this.end('parse_timeout');
    }
  }
}

/** The most memory that the process has used so far; undefined where the system does not tell, or the process is gone. */
export function peakBytes(pid: number): number | undefined {
  const status = read(`/proc/${pid}/status`);
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Processor time that the process has used so far, in milliseconds; undefined where the system does not tell. */
function usedMs(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return user === undefined || system === undefined ? undefined : (user + system) * tickMs;
}

/** No disk is behind these files: reading one takes some microseconds, and waiting for a thread that reads it far more. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
