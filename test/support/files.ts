import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FileObject } from '../../src/contracts/files.js';
import type { ApiReply } from './app.js';
import { startPlatform, type SeededTenant, type TestPlatform } from './platform.js';
import { runFolder } from './postgres.js';
import { startProduct, type ProductProcess } from './product-process.js';
import { until } from './until.js';

/** What a key of these tests may do, beyond its preset. */
export interface FileKeyOptions {
  readonly tenant?: string;
  readonly preset?: string;
  readonly scopes?: readonly string[];
  readonly purpose?: string;
  readonly datasets?: readonly string[];
  readonly limits?: object;
  readonly links?: { readonly inference: string; readonly upload?: string };
}

/** A content to upload. */
export interface Content {
  readonly name: string;
  readonly bytes: string | Uint8Array<ArrayBuffer>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A platform with a sandbox provider, a dataset `handbook`, and workers on the same data folder. */
export class FilesBench {
  private readonly processes: ProductProcess[] = [];

  private constructor(
    readonly platform: TestPlatform,
    readonly dataDir: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** `databaseUrl`: a migrated database that is there already; without it, one that is dropped at the end. */
  static async start(settings: Readonly<Record<string, string>> = {}, databaseUrl?: string): Promise<FilesBench> {
    const dataDir = mkdtempSync(join(runFolder(), 'files-data-'));
    const options = databaseUrl === undefined ? {} : { databaseUrl };
    const platform = await startPlatform({ settings: { GT_DATA_DIR: dataDir, ...settings }, ...options });
    const bench = new FilesBench(platform, dataDir, settings);
    await bench.dataset('handbook');
    return bench;
  }

  get url(): string {
    return this.platform.app.baseUrl;
  }

  /** Starts a worker process. */
  worker(settings: Readonly<Record<string, string>> = {}): Promise<ProductProcess> {
    return this.launch('worker', settings);
  }

  /** Starts an API as a process of its own: the vectors' thread and kill -9 need one. */
  api(settings: Readonly<Record<string, string>> = {}): Promise<ProductProcess> {
    return this.launch('main', settings);
  }

  /** A dataset on the sandbox's embedding model. */
  async dataset(alias: string, tenant = 'acme', further: object = {}): Promise<{ readonly id: string }> {
    const embedding = { connection: 'main', model: 'sandbox-embed' };
    return created(await this.platform.app.admin('POST', '/datasets', { tenant, alias, embedding, ...further }));
  }

  async key({ tenant = 'acme', ...options }: FileKeyOptions = {}): Promise<{ readonly id: string; readonly secret: string }> {
    const usual = options.scopes === undefined ? { preset: 'platform-automation' } : { purpose: 'inference' };
    const preset = options.preset === undefined ? usual : {};
    const grants = { ...preset, datasets: ['*'], agents: ['*'], raw_models: ['*'], ...options };
    const name = `key ${Math.random().toString(36).slice(2)}`;
    return created<{ id: string; secret: string }>(await this.platform.app.admin('POST', '/keys', { tenant, name, ...grants }));
  }

  async otherTenant(slug: string): Promise<SeededTenant> {
    return this.platform.factory.tenant(slug, `${this.platform.sandbox.url}/v1`);
  }

  /** One call of the data plane, of this process's API or of another one. */
  async call(secret: string, method: string, path: string, body?: object, api?: ProductProcess): Promise<ApiReply> {
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return send(secret, method, baseOf(this, api) + path, init);
  }

  /** Uploads a content as a form, as browsers and SDKs do. */
  async upload(
    secret: string,
    path: string,
    { name, bytes, fields = {}, headers = {} }: Content,
    api?: ProductProcess,
  ): Promise<ApiReply> {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    form.append('file', new Blob([bytes]), name);
    return send(secret, 'POST', baseOf(this, api) + path, { body: form, headers });
  }

  /**
   * Uploads and gives the file. Like OpenAI's SDKs it asks twice more where the server is overloaded, which it may be on a
   * busy machine. @throws Error when it was refused.
   */
  async accepted(secret: string, path: string, content: Content): Promise<FileObject> {
    for (let retry = 0; ; retry += 1) {
      const headers: Record<string, string> = retry === 0 ? {} : { 'x-stainless-retry-count': String(retry) };
      const reply = await this.upload(secret, path, { ...content, headers: { ...headers, ...content.headers } });
      if (reply.status !== 503 || retry === 2) return created(reply, 200);
      await wait(Number(reply.headers.get('retry-after') ?? 1) * 1000);
    }
  }

  async file(secret: string, id: string): Promise<FileObject> {
    return created(await this.call(secret, 'GET', `/files/${id}`), 200);
  }

  /** The file when it has come to its end. */
  async ended(secret: string, id: string, timeoutMs = 25_000): Promise<FileObject> {
    return until(
      `the file ${id} has come to an end`,
      async () => {
        const file = await this.file(secret, id);
        return ['ready', 'failed'].includes(file.status) ? file : undefined;
      },
      timeoutMs,
    );
  }

  /** Tries an expectation again until it holds: for what other processes are told of within a moment. */
  async eventually(expectation: () => Promise<void>): Promise<void> {
    await until('the expectation holds', async () => {
      await expectation();
      return true;
    });
  }

  /** All passages of a file as they stand in the database, with the length of their vectors. */
  async chunks(
    fileId: string,
  ): Promise<
    { ordinal: number; attempt: number; text: string; dimensions: number | undefined; embeddingModel: string | null }[]
  > {
    const include = { vector: { select: { dimensions: true } } };
    const chunks = await this.platform.factory.run((tx) =>
      tx.chunk.findMany({ where: { fileId }, orderBy: { ordinal: 'asc' }, include }),
    );
    return chunks.map((chunk) => ({ ...chunk, dimensions: chunk.vector?.dimensions }));
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((child) => child.kill()));
    await this.platform.close();
  }

  private async launch(program: 'main' | 'worker', settings: Readonly<Record<string, string>>): Promise<ProductProcess> {
    const { databaseUrl } = this.platform.app;
    const child = await startProduct(program, {
      databaseUrl,
      dataDir: this.dataDir,
      settings: { ...this.settings, ...settings },
    });
    this.processes.push(child);
    return child;
  }
}

async function send(
  secret: string,
  method: string,
  url: string,
  init: { body?: string | FormData; headers?: Readonly<Record<string, string>> },
): Promise<ApiReply> {
  const headers = { authorization: `Bearer ${secret}`, ...init.headers };
  const response = await fetch(url, { method, headers, body: init.body ?? null });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

function baseOf(bench: FilesBench, api: ProductProcess | undefined): string {
  return api === undefined ? bench.url : `${api.url}/api/tenant/v1`;
}

function created<T>({ status, body }: ApiReply, expected = 201): T {
  if (status !== expected) throw new Error(`Refused: ${status} ${JSON.stringify(body)}`);
  return body as T;
}
