import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { FileObject } from '../../src/contracts/files.js';
import { migrate } from '../../src/platform/database/migrate.js';
import type { ApiReply } from '../support/app.js';
import { FilesBench } from '../support/files.js';
import { newKey } from '../support/idempotency.js';
import { KillablePostgres } from '../support/killable-postgres.js';
import type { ProductProcess } from '../support/product-process.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const isSoak = process.env['GT_TEST_SOAK'] === '1';
const uploads = isSoak ? 300 : 20;
const clients = 8;

/** A platform of killable parts, each of which comes back at once on what it had. */
class Parts {
  api!: ProductProcess;
  worker!: ProductProcess;

  constructor(
    readonly bench: FilesBench,
    readonly postgres: KillablePostgres,
    readonly redis: TestRedis | undefined,
  ) {}

  async start(): Promise<this> {
    [this.api, this.worker] = await Promise.all([this.bench.api(), this.bench.worker()]);
    return this;
  }

  /** What is killed, by turns: each part once, and from then on most often the API, whose deaths are what this is about. */
  victim(turn: number): () => Promise<void> {
    const others = [
      () => this.killWorker(),
      () => this.killPostgres(),
      ...(this.redis === undefined ? [] : [() => this.killRedis()]),
    ];
    const api = () => this.killApi();
    if (turn <= others.length) return [api, ...others][turn] ?? api;
    return turn % 2 === 0 ? api : (others[((turn - 1) / 2) % others.length] ?? api);
  }

  private async killApi(): Promise<void> {
    await this.api.kill();
    // Its runs are dead for certain; a client need not wait for the half minute in which that shows by itself.
    await this.bench.platform.factory.run(
      (tx) => tx.$executeRaw`update idempotent_requests set alive_at = now() - interval '31 seconds' where state = 'running'`,
    );
    this.api = await this.bench.api();
  }

  private async killWorker(): Promise<void> {
    await this.worker.kill();
    this.worker = await this.bench.worker();
  }

  private async killPostgres(): Promise<void> {
    await this.postgres.kill();
    await wait(Math.random() * 300);
    await this.postgres.startAgain();
    await until('the database is back', () => this.bench.platform.factory.run(() => Promise.resolve(true)), 30_000);
  }

  private async killRedis(): Promise<void> {
    await this.redis?.stop('SIGKILL');
    await wait(Math.random() * 300);
    await this.redis?.start();
  }
}

/** Sends one upload under one key until it is accepted, as a client does that must not lose it. */
async function uploadOnce(parts: Parts, secret: string, name: string): Promise<FileObject> {
  const idempotencyKey = newKey();
  return until(
    `${name} is accepted`,
    async () => {
      const reply = await attempt(parts, secret, name, idempotencyKey);
      if (reply?.status === 200) return reply.body as FileObject;
      if (reply !== undefined && ![409, 503].includes(reply.status)) throw new Error(`${reply.status} for ${name}`);
      await wait(100);
      return undefined;
    },
    isSoak ? 600_000 : 180_000,
  );
}

/** Undefined when the connection broke. */
function attempt({ bench, api }: Parts, secret: string, name: string, idempotencyKey: string): Promise<ApiReply | undefined> {
  const headers = { 'idempotency-key': idempotencyKey };
  return bench
    .upload(secret, '/datasets/handbook/files', { name, bytes: `Text of ${name}.`, headers }, api)
    .catch(() => undefined);
}

async function expectOneFileEach(parts: Parts, kills: number): Promise<void> {
  const { secret } = await parts.bench.key();
  const names = Array.from({ length: uploads }, (_none, at) => `${at}.txt`);
  const accepted = new Map<string, string>();
  const waiting = [...names];
  const client = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      accepted.set(name, (await uploadOnce(parts, secret, name)).id);
    }
  };
  const sending = Promise.all(Array.from({ length: clients }, client));
  for (let turn = 0; turn < kills; turn += 1) {
    // Each death falls into uploads: the next one waits for as many as its share is.
    await until('uploads go on', () => accepted.size >= (turn * (uploads - clients)) / kills, 180_000);
    await wait(Math.random() * 150);
    await parts.victim(turn)();
  }
  await sending;

  const rows = await parts.bench.platform.factory.run((tx) => tx.file.findMany({ select: { id: true, filename: true } }));
  expect(rows.map(({ filename }) => filename).sort()).toEqual([...names].sort());
  expect(new Map(rows.map(({ filename, id }) => [filename, id]))).toEqual(accepted);
  const ready = () => parts.bench.platform.factory.run((tx) => tx.file.count({ where: { state: 'ready' } }));
  // However slow the machine is: they become ready one after the other, and none is left.
  for (let count = await ready(); count < uploads;) {
    const before = count;
    count = await until(
      `more than ${before} of ${uploads} are ready`,
      async () => {
        const now = await ready();
        return now > before ? now : undefined;
      },
      180_000,
    );
  }
}

/** `npm run test:soak` kills a hundred times; else `least`: as many kills as it takes that each part is killed once. */
function whileAllIsKilled(least: number, startQueue: () => Promise<TestRedis | undefined>): void {
  const kills = isSoak ? 100 : least;
  let parts: Parts;
  beforeAll(async () => {
    const [postgres, redis] = await Promise.all([KillablePostgres.start(), startQueue()]);
    await migrate(postgres.url);
    const settings: Readonly<Record<string, string>> = redis === undefined ? {} : { REDIS_URL: redis.url };
    parts = await new Parts(await FilesBench.start(settings, postgres.url), postgres, redis).start();
  });
  afterAll(async () => {
    await parts.bench.close();
    await parts.redis?.stop('SIGKILL');
    await parts.postgres.stop();
  });

  it(
    `${uploads} uploads under ${kills} kills, each under its Idempotency-Key, give exactly ${uploads} files`,
    () => expectOneFileEach(parts, kills),
    isSoak ? 1_200_000 : 400_000,
  );
}

describe('API, worker and Postgres are killed at any moment', () => {
  whileAllIsKilled(3, () => Promise.resolve(undefined));
});

describeWithRedis('API, worker, Postgres and Redis are killed at any moment', () => {
  whileAllIsKilled(4, startRedis);
});
