import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { FilesBench } from '../support/files.js';
import { newKey } from '../support/idempotency.js';
import type { SeededKey } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { dataLines, openai, post } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';
import { until } from '../support/until.js';

/** A platform whose provider counts what it is asked. */
class KillBench {
  private constructor(
    readonly files: FilesBench,
    readonly provider: RecordingProvider,
    readonly key: SeededKey,
    readonly client: OpenAI,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<KillBench> {
    const provider = await startRecordingProvider();
    provider.answerWith(answerOf(message('Hello there.')));
    const files = await FilesBench.start(settings);
    const tenant = await files.platform.factory.tenant('answering', provider.url);
    const key = await files.platform.factory.key(tenant);
    return new KillBench(files, provider, key, openai(files.url, key));
  }

  create(further: object = {}): Promise<OpenAI.Responses.Response> {
    return this.client.responses.create({ model: 'assistant', input: 'Hi', background: true, ...further });
  }

  async ended(id: string): Promise<OpenAI.Responses.Response> {
    return until(`${id} has ended`, async () => {
      const response = await this.client.responses.retrieve(id);
      return response.status !== 'queued' && response.status !== 'in_progress' ? response : undefined;
    });
  }

  /** States of the calls that were booked. */
  async booked(): Promise<string[]> {
    const rows = await this.files.platform.factory.run(
      (tx) => tx.$queryRaw<{ state: string }[]>`select state from usage_events where key_id = ${this.key.id} order by state`,
    );
    return rows.map(({ state }) => state);
  }

  /** The last event of a response's stream. */
  async lastEvent(id: string): Promise<string | undefined> {
    let last: string | undefined;
    for await (const event of await this.client.responses.retrieve(id, { stream: true })) last = event.type;
    return last;
  }

  async close(): Promise<void> {
    await this.files.close();
    await this.provider.close();
  }
}

/**
 * `npm run test:soak` has all of them on both backends. What Redis changes is how the next worker comes to a response: else
 * there is one with it, and the two without it at which the provider may be asked twice.
 */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const withoutRedis = isSoak ? /./ : /mark|events/;
const behindRedis = isSoak ? /./ : /claim/;

interface Death {
  readonly point: string;
  /** How the response ends. */
  readonly end: string;
  readonly asked: number;
  readonly booked: readonly string[];
}

const deaths: readonly Death[] = [
  { point: 'background.after-claim', end: 'completed', asked: 1, booked: ['completed'] },
  { point: 'background.after-mark', end: 'failed', asked: 0, booked: [] },
  { point: 'background.after-events', end: 'failed', asked: 1, booked: ['interrupted'] },
  { point: 'background.before-commit', end: 'failed', asked: 1, booked: ['completed'] },
];

/** Kills a worker at this step of a response; another one takes over. */
async function expectDeath({ point, end, asked, booked }: Death, settings: Readonly<Record<string, string>>): Promise<void> {
  const bench = await KillBench.start(settings);
  try {
    if (point === 'background.after-events') {
      bench.provider.answerWith((_body, response) => {
        response.setHeader('content-type', 'text/event-stream');
        response.write(
          'event: response.in_progress\ndata: {"type":"response.in_progress","response":{"status":"in_progress"}}\n\n',
        );
      });
    }
    const dying = await bench.files.worker({ GT_FAULT_POINT: point });
    const { id } = await bench.create();
    expect(await dying.ended).toBe('SIGKILL');
    await bench.files.worker();
    const response = await bench.ended(id);
    expect([response.status, response.error?.code ?? null]).toEqual([end, end === 'failed' ? 'server_error' : null]);
    expect(bench.provider.bodies).toHaveLength(asked);
    expect(await bench.lastEvent(id)).toBe(`response.${end}`);
    await until('it is booked', async () => (await bench.booked()).length === booked.length);
    // What comes behind it was queued behind it: the response before it has no second run.
    const next = await bench.create();
    bench.provider.answerWith(answerOf(message('Hello there.')));
    expect((await bench.ended(next.id)).status).toBe('completed');
    expect(bench.provider.bodies).toHaveLength(asked + 1);
    await until('both are booked', async () => (await bench.booked()).length === booked.length + 1);
    expect(await bench.booked()).toEqual([...booked, 'completed'].sort());
  } finally {
    await bench.close();
  }
}

describe('a worker that is killed with a response in the background', () => {
  it.each(deaths.filter(({ point }) => withoutRedis.test(point)))(
    'at $point: it ends once, as $end, is booked once and never sent twice',
    async (death) => expectDeath(death, {}),
    120_000,
  );
});

it('a response whose worker is killed goes on from what was deleted since it was taken in', async () => {
  const bench = await KillBench.start();
  try {
    const first = await bench.client.responses.create({ model: 'assistant', input: 'One' });
    const dying = await bench.files.worker({ GT_FAULT_POINT: 'background.after-claim' });
    const { id } = await bench.create({ input: 'Two', previous_response_id: first.id });
    expect(await dying.ended).toBe('SIGKILL');
    await bench.client.responses.delete(first.id);
    await bench.files.worker();
    expect((await bench.ended(id)).status).toBe('completed');
    expect(JSON.stringify(bench.provider.bodies.at(-1)?.['input'])).toMatch(/One.*Hello there.*Two/);
  } finally {
    await bench.close();
  }
}, 120_000);

describeWithRedis('with Redis, a worker that is killed with a response in the background', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it.each(deaths.filter(({ point }) => behindRedis.test(point)))(
    'at $point: it ends once, as $end, is booked once and never sent twice',
    async (death) => expectDeath(death, { REDIS_URL: redis.url }),
    120_000,
  );
});

describe('an API that is killed', () => {
  let bench: KillBench;
  beforeAll(async () => {
    bench = await KillBench.start();
  });
  afterAll(() => bench.close());

  it('behind the taking in of a response does not take it along: a worker makes it', async () => {
    const api = await bench.files.api({ GT_FAULT_POINT: 'background.after-row' });
    const body = { model: 'assistant', input: 'Hi', background: true };
    await post({ url: `${api.url}/api/tenant/v1/responses`, secret: bench.key.secret, body }).catch(() => undefined);
    expect(await api.ended).toBe('SIGKILL');
    const row = await bench.files.platform.factory.run((tx) => tx.response.findFirstOrThrow());
    expect(row.status).toBe('queued');
    await bench.files.worker();
    expect(await bench.ended(row.id)).toMatchObject({ status: 'completed' });
    expect(bench.provider.bodies).toHaveLength(1);
    await until('it is booked', async () => (await bench.booked()).length > 0);
    expect(await bench.booked()).toEqual(['completed']);
  }, 120_000);

  it('while it streams a response has its repeat under the same Idempotency-Key follow the same response', async () => {
    const api = await bench.files.api({ GT_FAULT_POINT: 'background.after-row' });
    const headers = { 'idempotency-key': newKey() };
    const body = { model: 'assistant', input: 'Twice?', background: true, stream: true };
    const call = { secret: bench.key.secret, body, headers };
    const before = bench.provider.bodies.length;
    await post({ url: `${api.url}/api/tenant/v1/responses`, ...call })
      .then((reply) => reply.text())
      .catch(() => undefined);
    expect(await api.ended).toBe('SIGKILL');
    await bench.files.platform.factory.run(
      (tx) => tx.$executeRaw`update idempotent_requests set alive_at = now() - interval '31 seconds' where state = 'running'`,
    );
    const repeat = await post({ url: `${bench.files.url}/responses`, ...call });
    const events = dataLines(await repeat.text()).map((line) => (JSON.parse(line) as { type: string }).type);
    expect([events[0], events.at(-1)]).toEqual(['response.created', 'response.completed']);
    expect(bench.provider.bodies.length - before).toBe(1);
    await until('both are booked', async () => (await bench.booked()).length > 1);
    expect(await bench.booked()).toEqual(['completed', 'completed']);
  }, 120_000);
});
