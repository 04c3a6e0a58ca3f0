import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { LocalObjectStore } from '../../src/platform/storage/local-object-store.js';
import { compileSource } from './compile-source.js';
import { peakMemory } from './peak-memory.js';
import { runFolder } from './postgres.js';
import type { HeaderList } from './raw-http.js';

const script = fileURLToPath(new URL('../fixtures/upload-server.mjs', import.meta.url));
const sources = [
  'http/body',
  'http/door/request-start.ts',
  'http/reply/error-reply.ts',
  'http/uploads/multipart-reader.ts',
  'platform/storage',
  'platform/journal',
  'kernel',
];
let compiling: Promise<string> | undefined;

export interface UploadServerOptions {
  /** Options of the S3 driver; the local driver is used without. */
  readonly s3?: object;
  readonly limits?: object;
  /** Largest file that the process may write, in 512-byte blocks. */
  readonly limitBlocks?: number;
}

/** A process with the multipart reader and a storage driver behind one route, for uploads of every kind. */
export interface UploadServer {
  readonly url: string;
  /** Bytes of memory held now, without garbage. */
  memory(): Promise<number>;
  /** The most that was held so far. */
  peak(): number;
  /** Unfinished files in its folder. */
  parts(): Promise<string[]>;
  /** Keys of the files that it stored. */
  keys(): Promise<string[]>;
  /** A stored file's content. @throws Error when there is none. */
  content(id: string): Promise<Buffer>;
  close(): Promise<void>;
}

export async function startUploadServer({ s3, limits = {}, limitBlocks }: UploadServerOptions = {}): Promise<UploadServer> {
  compiling ??= compile();
  const compiled = await compiling;
  const root = join(await mkdtemp(join(runFolder(), 'upload-server-')), 'files');
  const settings = {
    store: s3 === undefined ? { root } : { ...s3, incoming: join(root, 'incoming') },
    limits: { ...usualLimits, ...limits },
  };
  const command = `ulimit -f ${limitBlocks ?? 'unlimited'}; exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', command, process.execPath, '--expose-gc', script, compiled, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const store = new LocalObjectStore({ root });
  return {
    url,
    memory: async () => ((await (await fetch(`${url}/memory`)).json()) as { bytes: number }).bytes,
    peak: () => peakMemory(child.pid ?? 0),
    parts: async () =>
      (await readdir(join(root, 'incoming'), { recursive: true }).catch(() => [])).filter((name) => name.endsWith('.part')),
    keys: () => keysOf(store),
    content: async (id) => {
      const stream = await store.openRead(`ten_a/${id}`);
      if (stream === undefined) throw new Error(`There is no file ${id}.`);
      return buffer(stream);
    },
    close: () => end(child),
  };
}

const usualLimits = { maxFileBytes: 4 * 1024 * 1024, maxFields: 4, maxFieldBytes: 1000 };

async function compile(): Promise<string> {
  const folder = join(await mkdtemp(join(runFolder(), 'upload-sources-')), 'compiled');
  await compileSource(folder, sources);
  return folder;
}

async function keysOf(store: LocalObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export const boundary = 'gt-test-boundary';

/** The headers of an upload; without a length it is sent in chunks. */
export function uploadHeaders(length?: number): HeaderList {
  const size: readonly [string, string] =
    length === undefined ? ['transfer-encoding', 'chunked'] : ['content-length', String(length)];
  return [['host', 'x'], ['content-type', `multipart/form-data; boundary=${boundary}`], size];
}

/** One part of a form, exactly as given: `disposition` follows `form-data`. */
export function part(disposition: string, content: string | Buffer, headers = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data${disposition}\r\n${headers}\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
}

export const closing = Buffer.from(`--${boundary}--\r\n`);

/** A form of these parts, with its end. */
export function form(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, closing]);
}

/** Bytes as one chunk of a body in chunks. */
export function chunk(bytes: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${Buffer.byteLength(bytes).toString(16)}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
}
