import { mkdtempSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'undici';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { runFolder } from '../support/postgres.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let key: SeededKey;
let api: ProductProcess | undefined;

beforeAll(async () => {
  platform = await startPlatform();
  key = await platform.factory.key(platform.acme);
});
afterEach(() => api?.kill());
afterAll(() => platform.close());

const path = '/api/tenant/v1/chat/completions';
const body = JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'hi' }] });

interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
}

interface Client {
  call(): Promise<Answer>;
  close(): Promise<void>;
}

const clients: Readonly<Record<string, (url: string) => Client>> = {
  'undici Pool': (url) => {
    const pool = new Pool(url, { connections: 8 });
    return {
      call: async () => {
        const reply = await pool.request({
          path,
          method: 'POST',
          body,
          headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
        });
        await reply.body.text();
        return { status: reply.statusCode, connection: reply.headers['connection'] as string | undefined };
      },
      close: () => pool.close(),
    };
  },
  'http.Agent': (url) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    return {
      call: () =>
        new Promise((resolve, reject) => {
          const headers = { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' };
          const request = http.request(url + path, { method: 'POST', agent, headers }, (reply) => {
            const {
              statusCode: status = 0,
              headers: { connection },
            } = reply;
            text(reply).then(() => resolve({ status, connection }), reject);
          });
          request.on('error', reject).end(body);
        }),
      close: () => {
        agent.destroy();
        return Promise.resolve();
      },
    };
  },
};

describe('a process that is sent SIGTERM under load', () => {
  it.each(Object.keys(clients))('resets no call of a client that leaves when readyz is 503: %s', async (name) => {
    const dataDir = mkdtempSync(join(runFolder(), 'rolling-'));
    api = await startProduct('main', {
      databaseUrl: platform.app.databaseUrl,
      dataDir,
      settings: { GT_SHUTDOWN_DELAY_MS: '1500' },
    });
    const { url } = api;
    const client = clients[name]?.(url);
    if (client === undefined) throw new Error(name);
    const answers: Answer[] = [];
    const failures: unknown[] = [];
    let hasLeft = false;
    const callAgain = async (): Promise<void> => {
      while (!hasLeft)
        await client.call().then(
          (answer) => answers.push(answer),
          (error: unknown) => failures.push(error),
        );
    };
    const load = Array.from({ length: 8 }, callAgain);
    await until('calls are answered', () => answers.length > 100);
    const stopped = api.stop();
    const last = await until('readyz is 503', async () => {
      const reply = await fetch(`${url}/readyz`);
      const readiness = (await reply.json()) as object;
      return reply.status === 503 ? readiness : undefined;
    });
    hasLeft = true;
    await Promise.all(load);
    expect(last).toMatchObject({ status: 'down', checks: { database: { ok: true }, process: { ok: false } } });
    expect(failures).toEqual([]);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    // It still answers whoever has not heard of it yet, and asks them to go.
    const late = await client.call();
    expect(late).toEqual({ status: 200, connection: 'close' });
    await client.close();
    await stopped;
  });
});
