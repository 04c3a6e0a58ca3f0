import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type OpenAI from 'openai';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import { jobCatalogue } from '../../src/contracts/jobs.js';
import { BackgroundRunner } from '../../src/modules/background-runs/background-runner.js';
import { BackgroundSweep } from '../../src/modules/background-runs/background-sweep.js';
import { TurnTimes } from '../../src/modules/conversations/turn-times.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { WorkerModule } from '../../src/worker/worker.module.js';
import { testSettings } from '../support/app.js';
import { heldAnswer } from '../support/held-answer.js';
import { startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { describeWithRedis, startRedis } from '../support/redis.js';
import { openai } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let client: OpenAI;
let direct: pg.Client;

beforeAll(async () => {
  provider = await startRecordingProvider();
  provider.answerWith(answerOf(message('Here it is.')));
  platform = await startPlatform();
  tenant = await platform.factory.tenant('answering', provider.url);
  client = openai(platform.app.baseUrl, await platform.factory.key(tenant));
  direct = new pg.Client({ connectionString: platform.app.databaseUrl });
  await direct.connect();
});
afterAll(async () => {
  await direct.end();
  await platform.close();
  await provider.close();
});

/** A worker that takes no jobs: what its jobs do is called by the test. */
function openWorker(settings: Readonly<Record<string, string>> = {}): Promise<INestApplicationContext> {
  const config = loadConfig({
    ...testSettings,
    DATABASE_URL: platform.app.databaseUrl,
    GT_DATA_DIR: mkdtempSync(join(runFolder(), 'runs-')),
    ...settings,
  });
  return NestFactory.createApplicationContext(WorkerModule.with(config), { logger: false, abortOnError: false });
}

const asked = { model: 'assistant', input: 'Hi', background: true } as const;

describe('a response in the background whose conversation is busy', () => {
  let worker: INestApplicationContext;
  beforeAll(async () => {
    worker = await openWorker();
    worker.get(TurnTimes, { strict: false }).waitMs = 30;
  });
  afterAll(() => worker.close());

  /** Runs it once. @returns how far it is then. */
  async function run(id: string): Promise<string> {
    await worker.get(BackgroundRunner, { strict: false }).run(tenant.id, id, new AbortController().signal);
    const { rows } = await direct.query<{ state: string }>('select state from background_responses where id = $1', [id]);
    return rows[0]?.state ?? 'gone';
  }

  it.each([
    ['body', (conversation: string) => client.responses.create({ ...asked, conversation })],
    ['header', (id: string) => client.responses.create(asked, { headers: { 'X-GT-Conversation-Id': id } })],
  ])('waits as often as it takes, and has all its attempts left then: named in the %s', async (_where, create) => {
    const before = provider.bodies.length;
    const { id: conversation } = await client.conversations.create();
    const { id } = await create(conversation);
    const lease = "lease_owner = 'another', lease_until = now() + interval '1 hour'";
    await direct.query(`update conversations set ${lease} where id = $1`, [conversation]);
    for (let runs = 0; runs < 8; runs += 1) expect(await run(id)).toBe('queued');
    await direct.query('update conversations set lease_owner = null, lease_until = null where id = $1', [conversation]);
    await direct.query('alter table conversation_items rename to away');
    // What goes wrong may pass: five times more it is tried again.
    for (let runs = 0; runs < 5; runs += 1) expect(await run(id)).toBe('queued');
    await direct.query('alter table away rename to conversation_items');
    expect(provider.bodies.length).toBe(before);
    expect(await run(id)).toBe('completed');
    expect(await client.responses.retrieve(id)).toMatchObject({ output_text: 'Here it is.', conversation: { id: conversation } });
    expect(provider.bodies.length).toBe(before + 1);
  });
});

describe('a run whose events are still being stored when its answer ends', () => {
  it('takes no second connection before they are, and is kept then', async () => {
    const worker = await openWorker({ GT_DATABASE_POOL: '2' });
    const holder = new pg.Client({ connectionString: platform.app.databaseUrl });
    await holder.connect();
    const { id } = await client.responses.create(asked);
    const answer = heldAnswer('In several parts.');
    // Nothing of the answer can be stored from here on.
    const holdRow = (): Promise<unknown> => holder.query(`begin; select from background_responses where id = '${id}' for update`);
    provider.answerWith((body, response) => void holdRow().then(() => answer.answer(body, response)));
    const running = worker.get(BackgroundRunner, { strict: false }).run(tenant.id, id, new AbortController().signal);
    await answer.begun();
    const waiting = 'select from pg_locks where not granted';
    await until('events wait to be stored', async () => ((await direct.query(waiting)).rowCount ?? 0) > 0);
    answer.release();
    const database = worker.get(TenantDatabase, { strict: false });
    for (let work = 0; work < 50; work += 1) await database.run(tenant.id, (tx) => tx.response.count());
    await holder.query('rollback');
    await running;
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'completed', output_text: 'In several parts.' });
    provider.answerWith(answerOf(message('Here it is.')));
    await holder.end();
    await worker.close();
  });
});

describeWithRedis('the sweep of responses in the background', () => {
  it('ends one whose worker died also while the queue hangs', async () => {
    const redis = await startRedis();
    const worker = await openWorker({ REDIS_URL: redis.url });
    const sweep = (signal: AbortSignal) => worker.get(BackgroundSweep, { strict: false }).sweep(signal);
    const [waiting, dead] = [await client.responses.create(asked), await client.responses.create(asked)];
    const change = (id: string, values: string) => direct.query(`update background_responses set ${values} where id = $1`, [id]);
    const withoutJob = "enqueued_at = null, updated_at = now() - interval '3 seconds'";
    await change(waiting.id, withoutJob);
    // From here on the queue is open.
    await sweep(new AbortController().signal);
    await change(waiting.id, withoutJob);
    await change(dead.id, "state = 'running', owner = 'dead', sent_at = now(), beat_at = now() - interval '1 minute'");
    redis.freeze();
    await sweep(AbortSignal.timeout(jobCatalogue.jobs['responses.sweep'].timeoutMs));
    const ended = await client.responses.retrieve(dead.id);
    expect([ended.status, ended.error?.code]).toEqual(['failed', 'server_error']);
    redis.thaw();
    await worker.close();
    await redis.stop();
  });
});
