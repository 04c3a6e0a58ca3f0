import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** The operating system's user that PostgreSQL runs as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` on every Linux; no user needs to be created for it. */
const nobody: ServerAccount = { uid: 65_534, gid: 65_534 };

/**
 * The account to start PostgreSQL with, or null to start it as ourselves. PostgreSQL refuses to run as root, so root
 * starts it as the owner of the existing data, or as `nobody` for new data.
 * @throws EmbeddedPostgresError for root on a system without /proc, see `dataArgument`.
 */
export function serverAccount(clusterDir: string): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  if (process.platform !== 'linux') {
    throw new EmbeddedPostgresError(
      'The embedded PostgreSQL cannot run as root on this system. Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
  const owner = lstatSync(clusterDir, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid };
}

/**
 * How the server learns where its data is. Another account cannot walk the path when a parent is private (a clone
 * in root's home, or our own 0700 data folder). But the current folder is inherited: Node enters it as root and drops its
 * rights after that, and `/proc/self/cwd` then leads to it without walking the path. PostgreSQL never leaves
 * its data folder, and its backends are forks without exec, so the name stays true in each of them.
 */
export function dataArgument(dataDir: string, account: ServerAccount | null): string {
  return account === null ? dataDir : '/proc/self/cwd';
}

/** True when everybody may read and enter the path and enter all its parents, judged by the mode bits alone. */
export function isOpenToEverybody(path: string): boolean {
  const readAndEnter = 0o005;
  if ((statSync(path).mode & readAndEnter) !== readAndEnter) return false;
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    if ((statSync(parent).mode & 0o001) === 0) return false;
    if (parent === dirname(parent)) return true;
  }
}
