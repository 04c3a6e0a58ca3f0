import { readFileSync } from 'node:fs';

/**
 * The most memory that a process has held so far, in bytes. The kernel counts this one anew when a program starts;
 * `maxRSS` of getrusage(2) goes on from what the starting process had, which here is a test runner of hundreds of megabytes.
 */
export function peakMemory(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`Process ${pid} tells no peak of its memory.`);
  return Number(kilobytes) * 1024;
}
