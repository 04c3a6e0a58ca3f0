import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KeptContent } from '../../reply/kept-content.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Beside the built product, or in it where this runs from the sources. */
const folder = ['../../../console/', '../../../../dist/console/']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(join(path, 'index.html')));

/**
 * The files of the console by their paths below `/console/`, as the build has made them (bin/build-console.mjs): less than 3 MB, which stay in
 * memory. Undefined where the console was not built.
 */
export function readConsole(): Promise<ReadonlyMap<string, KeptContent>> | undefined {
  if (folder !== undefined) read ??= readAll(folder);
  return read;
}

let read: Promise<ReadonlyMap<string, KeptContent>> | undefined;

async function readAll(from: string): Promise<ReadonlyMap<string, KeptContent>> {
  const files = new Map<string, KeptContent>();
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const compressed = await readFile(`${path}.gz`);
    files.set(relative(from, path).split(sep).join('/'), new KeptContent(type, await readFile(path), compressed));
  }
  return files;
}
