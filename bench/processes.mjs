import { execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withDescendants } from './proc.mjs';

const stops = [];
let undoing = Promise.resolve();
let stopping = null;

/** Registers something to be undone when the benchmark, or its present part, ends; the last registered is undone first. */
export function onStop(undo) {
  stops.push(undo);
}

/** Undoes everything that was registered so far, so that the next part of the benchmark has the machine for itself. */
export function stopStarted() {
  const undos = stops.splice(0).reverse();
  undoing = undoing.then(() => undoAll(undos));
  return undoing;
}

/** The same at the benchmark's end: nothing can be started afterwards. Safe to call twice. */
export function stopAll() {
  stopping ??= stopStarted();
  return stopping;
}

async function undoAll(undos) {
  for (const undo of undos) {
    try {
      await undo();
    } catch (error) {
      process.stderr.write(`bench: while stopping: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** True from the moment that the benchmark began to stop: failures from then on are its own doing. */
export function isStopping() {
  return stopping !== null;
}

/** Full path of a program, or null when it is not installed. */
export function findProgram(name) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/nginx/sbin'];
  for (const folder of folders) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return null;
}

/** A folder of this run, readable for processes that give up root, removed at the end. */
export function makeWorkFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gt-bench-'));
  chmodSync(folder, 0o755);
  onStop(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const taskset = findProgram('taskset');

/** Which core each part runs on, the same for every contestant; null where processes cannot be pinned. */
export const cores = taskset === null || cpus().length < 2 ? null : { relay: 0, load: 1, rest: cpus().length > 2 ? 2 : 1 };

/** Moves running processes, their threads and their descendants to a core. */
export function pin(pids, core) {
  if (taskset === null || cores === null) return;
  for (const pid of withDescendants(pids)) {
    try {
      execFileSync(taskset, ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
    } catch {
      continue; // It ended in between.
    }
  }
}

/** Starts a program that is stopped, by its own id, when the benchmark ends. `core` pins it from its first instruction. */
export function startProcess(command, args, { core, ...options } = {}) {
  if (stopping !== null) throw new Error('the benchmark is stopping');
  const pinned = taskset !== null && cores !== null && core !== undefined;
  const child = pinned ? spawn(taskset, ['-c', String(core), command, ...args], options) : spawn(command, args, options);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const stop = (graceMs = 5_000) => stopChild(child, exited, graceMs);
  onStop(() => stop());
  return { child, pid: child.pid, exited, stop };
}

async function stopChild(child, exited, graceMs) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/**
 * Waits until the program says on its output where it listens (`port 4711`, or the sandbox's line of JSON) and gives the
 * port; an Error with what it wrote when it ends before that or takes 20 s.
 */
export async function announcedPort(started, name) {
  const stderr = [];
  started.child.stderr?.on('data', (bytes) => stderr.push(bytes));
  let text = '';
  const announced = new Promise((resolve) => {
    started.child.stdout.on('data', (bytes) => {
      text += bytes.toString();
      const match = /port (\d+)\n|"listening":"http:\/\/[^"]*:(\d+)/.exec(text);
      if (match) resolve(Number(match[1] ?? match[2]));
    });
  });
  const late = new Promise((resolve) => setTimeout(resolve, 20_000, 'late').unref());
  const first = await Promise.race([announced, started.exited, late]);
  if (typeof first === 'number') return first;
  throw new Error(`${name} did not start: ${Buffer.concat(stderr).toString().trim() || JSON.stringify(first)}`);
}
