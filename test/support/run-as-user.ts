import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from '@swc/core';

const run = promisify(execFile);
const projectRoot = new URL('../../', import.meta.url).pathname;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Runs a program as another user, from the root folder. Only root can. */
export function runAsUser(user: User, program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(program, args, { ...user, cwd: '/', env: { PATH: process.env['PATH'] } });
}

/**
 * Runs a module as another user beside the compiled files of one source folder, which it imports as `./name.js`.
 * Everything is written below `folder`, which must be open to that user.
 */
export async function runModuleAsUser(
  user: User,
  folder: string,
  sources: string,
  lines: readonly string[],
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const compiled = join(folder, 'compiled');
  await mkdir(compiled);
  await writeFile(join(compiled, 'package.json'), '{"type":"module"}');
  await symlink(join(projectRoot, 'node_modules'), join(compiled, 'node_modules'));
  for (const name of await readdir(join(projectRoot, sources))) {
    if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
    const { code } = await transform(await readFile(join(projectRoot, sources, name), 'utf8'), {
      filename: name,
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    await writeFile(join(compiled, name.replace(/ts$/, 'js')), code);
  }
  await writeFile(join(compiled, 'main.mjs'), lines.join('\n'));
  await chmod(compiled, 0o755);
  return runAsUser(user, process.execPath, [join(compiled, 'main.mjs'), ...args]);
}

/** Gives a path and all below it to a user. */
export async function giveTo(user: User, path: string): Promise<void> {
  await run('chown', ['-Rh', `${user.uid}:${user.gid}`, path]);
  await chown(path, user.uid, user.gid);
}
