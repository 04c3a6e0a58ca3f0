import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from './processes.mjs';

const run = promisify(execFile);

/**
 * Compiles `bench/<name>.c` into the work folder and gives the program's path. Null where there is no C compiler or it
 * cannot compile for this system (the programs need Linux's epoll); the caller then takes its slower substitute.
 */
export async function compile(name, work) {
  const compiler = findProgram('gcc') ?? findProgram('clang') ?? findProgram('cc');
  if (compiler === null) return null;
  const program = join(work, name);
  try {
    await run(compiler, ['-O2', '-o', program, fileURLToPath(new URL(`./${name}.c`, import.meta.url))]);
    return program;
  } catch {
    return null;
  }
}
