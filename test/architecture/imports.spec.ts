import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inferenceKinds } from '../../src/modules/inference/kinds/kinds.js';
import { platformRepositories } from '../../src/platform/database/platform-repositories.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const src = join(root, 'src');

/** `A: [B…]`: A may import B and itself, nothing else (docs/architecture.md). */
const arrows: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  contracts: ['kernel'],
  config: ['kernel'],
  catalog: ['contracts', 'kernel'],
  observability: ['config', 'kernel'],
  sandbox: ['kernel'],
  platform: ['config', 'contracts', 'kernel', 'observability'],
  verification: ['catalog', 'contracts', 'kernel'],
  modules: ['verification', 'platform', 'catalog', 'contracts', 'config', 'kernel', 'observability'],
  http: ['modules', 'catalog', 'contracts', 'config', 'kernel', 'observability'],
  api: ['http', 'modules', 'platform', 'catalog', 'contracts', 'config', 'kernel', 'observability'],
  worker: ['modules', 'platform', 'contracts', 'config', 'kernel', 'observability'],
  cli: ['verification', 'catalog', 'contracts', 'config', 'kernel', 'modules', 'platform'],
  up: ['modules', 'platform', 'contracts', 'config', 'kernel'],
};

/** The files at the top of src: the processes. They may open any door. */
const processes = new Set(['main.ts', 'worker.ts', 'up.ts', 'start-up.ts', 'docs-pages.ts']);

/** Drivers and the one place that may use each. */
const drivers: Readonly<Record<string, RegExp>> = {
  pg: /^(platform\/|up\/)/,
  undici: /^platform\/upstream\//,
  socks: /^platform\/upstream\//,
  '@aws-sdk/client-s3': /^platform\/storage\//,
  multer: /^(http\/uploads|sandbox)\//,
  bullmq: /^platform\/queue\//,
  ioredis: /^platform\/queue\//,
  '@prisma/client': /^platform\/database\//,
  '@prisma/adapter-pg': /^platform\/database\//,
  '@ai-sdk/amazon-bedrock': /^platform\/ai-sdk\//,
  '@ai-sdk/cohere': /^platform\/ai-sdk\//,
  '@ai-sdk/google-vertex/edge': /^platform\/ai-sdk\//,
  '@ai-sdk/mistral': /^platform\/ai-sdk\//,
  '@opentelemetry/api': /^observability\/tracing\//,
  '@opentelemetry/otlp-transformer': /^observability\/tracing\//,
  '@opentelemetry/resources': /^observability\/tracing\//,
  '@opentelemetry/sdk-trace': /^observability\/tracing\//,
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sourceFiles(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts') ? [path] : [];
  });
}

const imports: readonly Import[] = sourceFiles(src).flatMap((path) => {
  const text = readFileSync(path, 'utf8');
  const found = [...text.matchAll(/(import type [^;]*?)?(?:from|import)\s*\(?\s*'([^']+)'/g)];
  return found.map(([, typeOnly, specifier = '']) => ({
    file: relative(src, path),
    specifier,
    typeOnly: typeOnly !== undefined,
    target: specifier.startsWith('.') ? relative(src, resolve(dirname(path), specifier)).replace(/\.js$/, '.ts') : specifier,
  }));
});

const room = (file: string): string => file.split('/')[0] ?? '';

describe('the architecture', () => {
  it('has arrows in one direction only', () => {
    const wrong = imports.filter(({ file, specifier, target }) => {
      if (!specifier.startsWith('.') || processes.has(file)) return false;
      const [from, to] = [room(file), room(target)];
      return from !== to && !(arrows[from] ?? []).includes(to);
    });
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('lets only the CLI commands and start-up that need the database go to modules and platform', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        file.startsWith('cli/') &&
        ['modules', 'platform'].includes(room(target)) &&
        !/^cli\/(database-|migrate|operator|storage|doctor)/.test(file),
    );
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('keeps every driver in its room', () => {
    const wrong = imports.filter(
      ({ file, specifier, typeOnly }) => !typeOnly && drivers[specifier] !== undefined && !drivers[specifier].test(file),
    );
    expect(wrong.map(({ file, specifier }) => `${file} -> ${specifier}`)).toEqual([]);
  });

  it('loads packages of the AI SDK only when they are asked for: they may not be installed', () => {
    const loading = sourceFiles(src).filter((path) =>
      /^(?:import (?!type )|export ).*from '@ai-sdk\/|^import '@ai-sdk\//m.test(readFileSync(path, 'utf8')),
    );
    expect(loading.map((path) => relative(src, path))).toEqual([]);
  });

  it('has no circle between files', () => {
    const next = new Map<string, string[]>();
    for (const { file, specifier, target } of imports)
      if (specifier.startsWith('.')) next.set(file, [...(next.get(file) ?? []), target]);
    expect(findCircle(next)).toEqual([]);
  });

  it('has no circle between the rooms of modules', () => {
    const next = new Map<string, Set<string>>();
    for (const { file, target } of imports) {
      const [from, to] = [file, target].map((path) => /^modules\/([^/]+)\//.exec(path)?.[1]);
      if (from !== undefined && to !== undefined && from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
    }
    expect(findCircle(new Map([...next].map(([from, to]) => [from, [...to]])))).toEqual([]);
  });

  it.each(['http/', 'modules/inference/'])('has no circle between the folders of %s', (tree) => {
    const next = new Map<string, Set<string>>();
    for (const { file, target } of imports) {
      const [from, to] = [dirname(file), dirname(target)];
      if (`${from}/`.startsWith(tree) && `${to}/`.startsWith(tree) && from !== to)
        next.set(from, (next.get(from) ?? new Set()).add(to));
    }
    expect(findCircle(new Map([...next].map(([from, to]) => [from, [...to]])))).toEqual([]);
  });

  it('opens all tenants to the listed repositories alone', () => {
    const importers = new Set(
      imports
        .filter(
          ({ file, target }) => target === 'platform/database/platform-database.ts' && !file.startsWith('platform/database/'),
        )
        .map(({ file }) => file),
    );
    expect([...importers].sort()).toEqual(Object.keys(platformRepositories).sort());
  });

  it('asks nowhere but in kinds/ which kind of inference a call is of', () => {
    const kinds = 'modules/inference/kinds/';
    const ids = inferenceKinds.map(({ routeId }) => `'${routeId.replaceAll('.', String.raw`\.`)}'`);
    const branch = new RegExp(
      String.raw`${ids.join('|')}|\b(?:routeId|modality)\b[)\]]*\s*[!=]==|switch \([^)]*(?:routeId|modality)\)`,
    );
    const asking = sourceFiles(src)
      .map((path) => relative(src, path))
      .filter(
        (file) =>
          /^(?:modules\/inference\/|http\/controllers\/openai\/relay-door|http\/reply\/)/.test(file) && !file.startsWith(kinds),
      )
      .filter((file) => branch.test(readFileSync(join(src, file), 'utf8')));
    expect(asking).toEqual([]);
    const folders = readdirSync(join(src, kinds), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const definitions = folders.flatMap(({ name }) =>
      readdirSync(join(src, kinds, name)).filter((file) => file.endsWith('-kind.ts')),
    );
    expect(definitions).toHaveLength(inferenceKinds.length);
  });

  it('lets the kinds and what runs them know only the words that both share', () => {
    const inference = imports.filter(({ file, target }) => [file, target].every((path) => path.startsWith('modules/inference/')));
    const isKind = (path: string): boolean => path.startsWith('modules/inference/kinds/');
    const shared = /^modules\/inference\/(?:call|wire|chunks)\//;
    const ofKinds = inference.filter(({ file, target }) => isKind(file) && !isKind(target) && !shared.test(target));
    const ofOthers = inference.filter(({ file, target }) => !isKind(file) && isKind(target));
    expect([...ofKinds, ...ofOthers].map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('has dialogues put in the form of a kind by the kind alone', () => {
    const form = /\b(?:messages|choices|delta|tool_calls|finish_reason|tool_call_id)\b/;
    const knowing = sourceFiles(join(src, 'modules/inference'))
      .map((path) => relative(src, path))
      .filter((file) => /\/(?:conversation|retrieval)\//.test(file))
      .filter((file) => form.test(readFileSync(join(src, file), 'utf8').replace(/\/\*\*[^]*?\*\//g, '')));
    expect(knowing).toEqual([]);
  });

  it('lets handlers read a query by their row alone', () => {
    const parsing = sourceFiles(src).filter((path) => /\bparseQuery\b|\brequest\.query\b/.test(readFileSync(path, 'utf8')));
    expect(parsing.map((path) => relative(src, path)).sort()).toEqual([
      // The tenant that the guard of the admin plane was named; the one parser; the one that asks the row.
      'http/auth/actor.ts',
      'http/body/parse-input.ts',
      'http/routing/row-query.ts',
    ]);
  });

  it('reads the environment in one place', () => {
    const readers = sourceFiles(src).filter((path) => /process\.env\b/.test(readFileSync(path, 'utf8')));
    // Besides the settings: what `gt` and `up` take over from their caller, the sandbox's own token, the PATH of Postgres, and
    // the certificates that Node itself is told to trust.
    const others = ['platform/embedded-postgres/cluster.ts', 'platform/upstream/way/trust.ts', 'sandbox/main.ts', 'up.ts'];
    expect(readers.map((path) => relative(src, path)).sort()).toEqual(['cli/gt.ts', 'config/load-config.ts', ...others]);
  });
});

/** The first circle found, as the names along it; empty when there is none. */
function findCircle(next: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] => {
    const at = path.indexOf(node);
    if (at !== -1) return [...path.slice(at), node];
    if (done.has(node)) return [];
    path.push(node);
    for (const target of next.get(node) ?? []) {
      const circle = visit(target);
      if (circle.length > 0) return circle;
    }
    path.pop();
    done.add(node);
    return [];
  };
  for (const node of next.keys()) {
    const circle = visit(node);
    if (circle.length > 0) return circle;
  }
  return [];
}
