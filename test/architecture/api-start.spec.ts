import { describe, expect, it } from '@jest/globals';
import { transformSync, type Options } from '@swc/core';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const src = join(root, 'src');

const {
  exclude: _exclude,
  $schema: _schema,
  ...compiler
} = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')) as Options & { $schema: string };

/**
 * The packages that the API process loads when it starts. Any other costs memory in every process that only relays: it
 * belongs behind an `import()` in the class that uses it, or on this list, if the first chat needs it.
 */
const loadedAtStart = new Set([
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-fastify',
  '@prisma/adapter-pg',
  'cockatiel',
  'cookie',
  'fastify',
  'ipaddr.js',
  'luxon',
  'passport-http-bearer',
  'pg',
  'pino',
  'prom-client',
  'reflect-metadata',
  'undici',
  'zod',
]);

/** What a file imports when it is loaded, as the build leaves it: without types, and of `import()` only what its own first lines wait for. */
function importsOf(file: string): string[] {
  const { code } = transformSync(readFileSync(join(src, file), 'utf8'), {
    ...compiler,
    filename: file,
    swcrc: false,
    sourceMaps: false,
  });
  const statements = code.matchAll(/^(?:import|export)\s(?:[\w\s{},*$]*\sfrom\s)?\s*['"]([^'"]+)['"]/gm);
  const awaited = code.matchAll(/^(?:const\s[\w\s{},$]+=\s)?await import\(['"]([^'"]+)['"]\)/gm);
  return [...statements, ...awaited].map(([, specifier = '']) => specifier);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The packages that are loaded with a file of ours, each with the files that ask for it. Prisma's generated files count as Prisma. */
function packagesLoadedWith(entry: string): ReadonlyMap<string, readonly string[]> {
  const askers = new Map<string, string[]>();
  const seen = new Set([entry]);
  for (const file of seen) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        const target = relative(src, resolve(src, dirname(file), specifier)).replace(/\.js$/, '.ts');
        if (!target.includes('/generated/')) seen.add(target);
      } else if (!specifier.startsWith('node:') && !builtinModules.includes(specifier)) {
        const name = packageOf(specifier);
        askers.set(name, [...(askers.get(name) ?? []), file]);
      }
    }
  }
  return askers;
}

describe('what a process loads when it starts', () => {
  it('the API process loads no package that its first chat does not need', () => {
    const others = [...packagesLoadedWith('main.ts')].filter(([name]) => !loadedAtStart.has(name));
    expect(others.flatMap(([name, files]) => files.map((file) => `${file} -> ${name}`))).toEqual([]);
  });

  it('the list above holds nothing that the API process does not load', () => {
    const loaded = packagesLoadedWith('main.ts');
    expect([...loadedAtStart].filter((name) => !loaded.has(name))).toEqual([]);
  });

  it.each([
    ['the SDK of S3', 'platform/storage/s3-object-store.ts', '@aws-sdk/client-s3'],
    ['the reader of Word documents', 'platform/documents/parsers/docx.ts', 'mammoth'],
    ['the reader of PDF documents', 'platform/documents/parsers/pdf.ts', 'unpdf'],
    ['the guesser of encodings', 'platform/documents/text-decoding.ts', 'chardet'],
  ])('%s is loaded with the file that needs it, and not with the worker either', (_what, file, name) => {
    expect([...packagesLoadedWith(file).keys()]).toContain(name);
    expect([...packagesLoadedWith('worker.ts').keys()]).not.toContain(name);
  });
});
