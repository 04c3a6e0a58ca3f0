import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileSource } from './compile-source.js';
import { runFolder } from './postgres.js';

let compiled: Promise<string> | undefined;

/**
 * The folder of today's sources, compiled for processes of their own, with `main.js` and `worker.js`. It is made once a run
 * of jest: whoever comes first makes it for all.
 */
export function compiledProduct(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<string> {
  const shared = join(runFolder(), 'product');
  const target = join(shared, 'src');
  if (existsSync(target)) return target;
  mkdirSync(shared, { recursive: true });
  const own = join(mkdtempSync(join(shared, 'new-')), 'src');
  await compileSource(own, allSources());
  try {
    renameSync(own, target);
  } catch {
    // Another jest worker was first.
  }
  return target;
}

function allSources(): string[] {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  const paths = folders.map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return ['main.ts', 'worker.ts', 'start-up.ts', ...paths.filter((path) => !/^(up|cli)\b/.test(path))];
}
