import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform, type Options } from '@swc/core';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles folders or files below `src`, and all of ours that they import, into `target`, at the same places, for tests
 * that run the product's code in a process of its own. So such a test never runs a build that is older than the sources.
 */
export async function compileSource(target: string, sources: readonly string[]): Promise<void> {
  const {
    exclude: _exclude,
    $schema: _schema,
    ...compiler
  } = JSON.parse(await readFile(join(projectRoot, '.swcrc'), 'utf8')) as Options & { $schema: string };
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'package.json'), '{"type":"module"}');
  await symlink(join(projectRoot, 'node_modules'), join(target, 'node_modules'));
  const files = new Set(await filesOf(sources));
  // What is found on the way is gone through as well.
  for (const file of files) {
    const { code } = await transform(await readFile(join(projectRoot, 'src', file), 'utf8'), {
      ...compiler,
      filename: file,
      swcrc: false,
    });
    for (const imported of importsOf(file, code)) files.add(imported);
    const path = join(target, file.replace(/\.ts$/, '.js'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
}

/** The files below `src` that a compiled file imports. */
function importsOf(file: string, code: string): string[] {
  const paths = [...code.matchAll(/(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)\.js["']/g)];
  return paths
    .map(([, path = '']) => join(dirname(file), `${path}.ts`))
    .filter((path) => existsSync(join(projectRoot, 'src', path)));
}

async function filesOf(sources: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const source of sources) {
    if (source.endsWith('.ts')) files.push(source);
    else files.push(...(await readdir(join(projectRoot, 'src', source))).map((name) => join(source, name)));
  }
  return files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
}
