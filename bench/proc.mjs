import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = readTicksPerSecond();

function readTicksPerSecond() {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100;
  } catch {
    return 100;
  }
}

/** The numbers of /proc/<pid>/stat that are used here, or null when there is no such process (or no /proc). */
function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (from) => Number(fields[from]) + Number(fields[from + 1]);
    return { parent: Number(fields[1]), own: ticks(11), reaped: ticks(13), startedAt: fields[19] };
  } catch {
    return null;
  }
}

/** The processes and all their descendants (Postgres serves each connection from a child of its own). */
export function withDescendants(pids) {
  const family = new Set(pids);
  let entries = [];
  try {
    entries = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [...family];
  }
  const parents = new Map(entries.map((pid) => [pid, readStat(pid)?.parent]));
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const [pid, parent] of parents) if (parent !== undefined && family.has(parent)) family.add(pid);
  }
  return [...family];
}

/**
 * Processor time in seconds that the processes, their threads and their descendants have used since they were started,
 * children that have ended included. Null where /proc does not tell.
 */
export function cpuSeconds(pids) {
  if (pids.length === 0) return 0;
  const stats = withDescendants(pids)
    .map(readStat)
    .filter((stat) => stat !== null);
  if (stats.length === 0) return null;
  return stats.reduce((sum, stat) => sum + stat.own + stat.reaped, 0) / ticksPerSecond;
}

/** Resident memory of one process in MB (10^6 bytes), or null. */
export function residentMegabytes(pid) {
  try {
    const kibibytes = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    return Number.isFinite(kibibytes) ? (kibibytes * 1024) / 1e6 : null;
  } catch {
    return null;
  }
}

/** Tells a process from a later one that got the same number: the number and the moment of its start; null when it is gone. */
export function processIdentity(pid) {
  const stat = readStat(pid);
  return stat === null ? null : `${pid}@${stat.startedAt}`;
}

/** Processor time in seconds that all programs of the machine have used since it started, or null. */
export function machineBusySeconds() {
  try {
    const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
      .split('\n')[0]
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
  } catch {
    return null;
  }
}
