import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { parsedOrUndefined } from '../../kernel/parse-json.js';

/** A process that owns a journal folder, in terms that tell it from every other process, also after a restart. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Changes with every start of the machine; null where the system has none. */
  readonly bootId: string | null;
  /** Process ids mean something within it alone: containers on one machine have their own. */
  readonly pidNamespace: string | null;
  /** When the process started, in clock ticks since the machine did: tells apart two that had the same id. */
  readonly startTicks: string | null;
}

/** What this process would write as the owner of a folder. */
export function currentOwner(): Owner {
  return {
    pid: process.pid,
    host: hostname(),
    bootId: tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: tryRead(() => readlinkSync('/proc/self/ns/pid')),
    startTicks: processStat(process.pid)?.startTicks ?? null,
  };
}

/**
 * Whether an owner lives: `dead` and `alive` are certain; `unknown` means that only its heartbeat can tell, because
 * it runs elsewhere or its system does not say which process has its id now.
 */
export function judgeOwner(owner: Owner, me: Owner): 'alive' | 'dead' | 'unknown' {
  if (owner.host !== me.host) return 'unknown';
  if (owner.bootId !== me.bootId) return owner.bootId === null || me.bootId === null ? 'unknown' : 'dead';
  if (owner.pidNamespace !== me.pidNamespace) return 'unknown';
  if (!hasProcess(owner.pid)) return 'dead';
  if (owner.startTicks === null) return 'unknown';
  const stat = processStat(owner.pid);
  if (stat === null) return 'unknown';
  return stat.startTicks === owner.startTicks && !stat.isZombie ? 'alive' : 'dead';
}

/** The owner that a file's text names; undefined when it names none. */
export function parseOwner(text: string): Owner | undefined {
  const value = parsedOrUndefined(text) as Partial<Owner> | null | undefined;
  if (typeof value?.pid !== 'number' || typeof value.host !== 'string') return undefined;
  const { pid, host, bootId = null, pidNamespace = null, startTicks = null } = value;
  return { pid, host, bootId, pidNamespace, startTicks };
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Fields 3 and 22 of /proc/<pid>/stat, counted after the name, which may hold anything. */
function processStat(pid: number): { startTicks: string; isZombie: boolean } | null {
  const text = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields?.[19];
  if (startTicks === undefined) return null;
  return { startTicks, isZombie: fields?.[0] === 'Z' || fields?.[0] === 'X' };
}

function tryRead(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
