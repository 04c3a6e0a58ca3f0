import { mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const prefix = 'gt-test-run-';

/** A folder for this run of jest. The maker's process id is in its name, so that a later run can tell a leftover. */
export function makeRunFolder() {
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** What a run has in memory lies here, under the name of its folder. */
export function memoryFolder(folder) {
  return join('/dev/shm', basename(folder));
}

/** Stops the PostgreSQL of a run's folder, if the tests started one, and removes the folder with what it has in memory. */
export async function removeRunFolder(folder) {
  const dataDir = join(folder, 'postgres', 'cluster', 'data');
  const pid = postmasterOf(dataDir);
  if (pid !== null) {
    process.kill(pid, 'SIGINT');
    while (postmasterOf(dataDir) === pid) await wait(10);
  }
  rmSync(memoryFolder(folder), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** Removes what runs left behind that were killed before their end. */
export async function sweepRunFolders() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const maker = Number(name.slice(prefix.length).split('-')[0]);
    if (isAlive(maker)) continue;
    await removeRunFolder(join(tmpdir(), name)).catch(() => undefined);
  }
}

function postmasterOf(dataDir) {
  try {
    const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const ours = process.platform !== 'linux' || readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
    return pid > 0 && ours && isAlive(pid) ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
