import OpenAI, { toFile } from 'openai';
import type { Batch, BatchCreateParams } from 'openai/resources/batches';
import { FilesBench } from './files.js';
import type { Listening } from './listening.js';
import type { SeededKey, SeededTenant } from './platform.js';
import { startRecordingProvider, type RecordingProvider } from './recording-provider.js';
import { openai } from './relay.js';
import { until } from './until.js';

/** A line of an output or error file. */
export interface OutputLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: {
    readonly status_code: number;
    readonly request_id: string;
    readonly body: Record<string, unknown> & { readonly error?: { readonly code: string | null; readonly param: string | null } };
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const ends = ['completed', 'failed', 'expired', 'cancelled'];

/** A platform, a provider that remembers what it was asked, and a tenant on it. */
export class BatchBench<Provider extends Listening = RecordingProvider> {
  private constructor(
    readonly files: FilesBench,
    readonly provider: Provider,
    readonly tenant: SeededTenant,
    readonly key: SeededKey,
    readonly client: OpenAI,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<BatchBench> {
    return BatchBench.over(await startRecordingProvider(), {}, settings);
  }

  /** The same with another provider. @param agent what `assistant` has besides. */
  static async over<Provider extends Listening>(
    provider: Provider,
    agent: object,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BatchBench<Provider>> {
    const files = await FilesBench.start(settings);
    const tenant = await files.platform.factory.tenant('batching', provider.url, agent);
    const key = await files.platform.factory.key(tenant);
    return new BatchBench(files, provider, tenant, key, openai(files.url, key));
  }

  /** Uploads an input. */
  async input(lines: readonly (object | string)[] | string, client = this.client): Promise<string> {
    const text =
      typeof lines === 'string'
        ? lines
        : lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    const file = await toFile(Buffer.from(text), 'input.jsonl', { type: 'application/jsonl' });
    return (await client.files.create({ file, purpose: 'batch' })).id;
  }

  async create(
    lines: readonly (object | string)[] | string,
    { client = this.client, ...further }: Partial<BatchCreateParams> & { readonly client?: OpenAI } = {},
  ): Promise<Batch> {
    const fileId = await this.input(lines, client);
    return client.batches.create({
      input_file_id: fileId,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      ...further,
    });
  }

  async ended(id: string, client = this.client, limitMs = 60_000): Promise<Batch> {
    return until(
      `${id} has ended`,
      async () => {
        const batch = await client.batches.retrieve(id);
        return ends.includes(batch.status) ? batch : undefined;
      },
      limitMs,
    );
  }

  /** The lines of a file; none where there is no file. */
  async lines(fileId: string | null | undefined, client = this.client): Promise<OutputLine[]> {
    if (fileId == null) return [];
    const text = await (await client.files.content(fileId)).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as OutputLine);
  }

  /** Of both files. */
  async allLines(batch: Batch, client = this.client): Promise<OutputLine[]> {
    return [...(await this.lines(batch.output_file_id, client)), ...(await this.lines(batch.error_file_id, client))];
  }

  /** Changes a row as time or an operator would. */
  async sql(text: string, ...values: unknown[]): Promise<void> {
    await this.files.platform.factory.run((tx) => tx.$executeRawUnsafe(text, ...values));
  }

  async rows<Row>(text: string, ...values: unknown[]): Promise<Row[]> {
    return this.files.platform.factory.run((tx) => tx.$queryRawUnsafe<Row[]>(text, ...values));
  }

  async close(): Promise<void> {
    await this.files.close();
    await this.provider.close();
  }
}

/** A request in chat. */
export function chatLine(customId: string, content: string = customId, body: object = {}): object {
  return {
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'assistant', messages: [{ role: 'user', content }], ...body },
  };
}

/** So many of them. */
export function chatLines(count: number, body: object = {}): object[] {
  return Array.from({ length: count }, (_one, at) => chatLine(`line-${at}`, `Say ${at}`, body));
}
