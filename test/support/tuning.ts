import OpenAI, { toFile } from 'openai';
import { EndpointDirectory } from '../../src/modules/agents/endpoint-directory.js';
import { FilesBench } from './files.js';
import type { SeededKey } from './platform.js';
import { until } from './until.js';

export type TuningJob = OpenAI.FineTuning.FineTuningJob;

/** How often the workers of these tests ask a provider. */
export const quickPolls = { GT_FINE_TUNING_POLL_MS: '100' };

const line = JSON.stringify({
  messages: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
  ],
});

/** A platform whose tenant `acme` makes fine-tuning jobs over the sandbox, or over another provider. */
export class TuningBench {
  private constructor(
    readonly files: FilesBench,
    readonly key: SeededKey,
    readonly client: OpenAI,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TuningBench> {
    const files = await FilesBench.start({ ...quickPolls, ...settings });
    const bench = await files.key();
    const client = new OpenAI({ baseURL: files.url, apiKey: bench.secret, maxRetries: 0 });
    const tuning = new TuningBench(files, bench, client);
    await tuning.connection({ fine_tuning: 'on', publish_fine_tuned: true });
    return tuning;
  }

  /** Changes the connection of `acme`. */
  async connection(change: object): Promise<void> {
    const { app, acme } = this.files.platform;
    const { status, body } = await app.admin('PATCH', `/connections/${acme.connectionId}`, { tenant: 'acme', ...change });
    if (status !== 200) throw new Error(`The connection was not changed: ${JSON.stringify(body)}`);
    await this.followsConnections();
  }

  /** A client with another key. */
  as({ secret }: Pick<SeededKey, 'secret'>): OpenAI {
    return new OpenAI({ baseURL: this.files.url, apiKey: secret, maxRetries: 0 });
  }

  /** A file for fine-tuning. @param commands of the sandbox, which stand in it. */
  async training(commands = '', lines = 10): Promise<string> {
    const text = [line.replace('Hi', `Hi${commands}`), ...Array.from({ length: lines - 1 }, () => line)].join('\n');
    const file = await this.client.files.create({
      file: await toFile(Buffer.from(text), 'training.jsonl'),
      purpose: 'fine-tune',
    });
    return file.id;
  }

  async create(further: Partial<OpenAI.FineTuning.JobCreateParams> = {}, commands = ''): Promise<TuningJob> {
    const training_file = further.training_file ?? (await this.training(commands));
    return this.client.fineTuning.jobs.create({ model: 'raw-chat', training_file, ...further });
  }

  /** The job when it is as it should be. */
  async untilJob(id: string, what: string, isSo: (job: TuningJob) => boolean, timeoutMs = 30_000): Promise<TuningJob> {
    return until(
      `the job ${id} ${what}`,
      async () => {
        const job = await this.client.fineTuning.jobs.retrieve(id);
        return isSo(job) ? job : undefined;
      },
      timeoutMs,
    );
  }

  ended(id: string, timeoutMs = 30_000): Promise<TuningJob> {
    return this.untilJob(id, 'has ended', ({ status }) => ['succeeded', 'failed', 'cancelled'].includes(status), timeoutMs);
  }

  /** When nothing of the job is left to be done. */
  async done(id: string): Promise<void> {
    await until(`nothing of ${id} is left to be done`, async () => {
      const rows = await this.files.platform.factory.run(
        (tx) => tx.$queryRaw<{ step: string }[]>`select step from fine_tuning_jobs where id = ${id}`,
      );
      return rows[0]?.step === 'done';
    });
  }

  /** What stands in the rows of the job: the provider's ids, which nobody else is told. */
  async row(id: string): Promise<Record<string, unknown>> {
    const rows = await this.files.platform.factory.run(
      (tx) => tx.$queryRaw<Record<string, unknown>[]>`select * from fine_tuning_jobs where id = ${id}`,
    );
    return rows[0] ?? {};
  }

  async close(): Promise<void> {
    await this.files.close();
  }

  private async followsConnections(): Promise<void> {
    // The change feed tells the API of it within a moment: a call that needs it says so.
    const { app, acme } = this.files.platform;
    const directory = app.running.app.get(EndpointDirectory, { strict: false });
    const { body } = await app.admin('GET', `/connections/${acme.connectionId}?tenant=acme`);
    await until(
      'the API knows the connection',
      async () => {
        const known = (await directory.of(acme.id)).connections.get('main');
        if (known === undefined) return false;
        const { fineTuning, publishFineTuned } = known.tuning;
        const isSet = fineTuning === body.fine_tuning && publishFineTuned === body.publish_fine_tuned;
        return isSet && known.origin + known.basePath.replace(/\/$/, '') === body.base_url;
      },
      8_000,
    );
  }
}
