import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { CallPlaces } from '../../src/platform/upstream/call-places.js';
import { RawConnection, requestBytes, type HeaderList } from '../support/raw-http.js';
import { post, until, user } from '../support/relay.js';
import { publishOn, startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';

/** Calls to providers in one process; a share of them is four. */
const places = 12;
/** Of the connections two are left to the platform; a share of the other eight is three. */
const settings = { GT_MAX_UPSTREAM_CALLS: String(places), GT_DATABASE_POOL: '10', GT_MAX_BODIES_BYTES: '3000000' };

let platform: TestPlatform;
let provider: ScriptedProvider;
let greedy: SeededKey;
let other: SeededKey;
/** Calls of the greedy tenant that its provider has not answered. */
const held: ServerResponse[] = [];

beforeAll(async () => {
  platform = await startPlatform({ settings });
  provider = await startScriptedProvider((response) => void held.push(response));
  const { factory, acme, sandbox } = platform;
  await publishOn(platform, provider.url, 'slow');
  greedy = await factory.key(acme);
  other = await factory.key(await factory.tenant('other', `${sandbox.url}/v1`));
});
afterAll(async () => {
  await provider?.close();
  await platform.close();
});

const ask = ({ secret }: SeededKey, model: string) =>
  post({ url: `${platform.app.baseUrl}/chat/completions`, secret, body: { model, messages: [user('hi')] } });

const answer = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  model: 'provider-slow',
  choices: [{ index: 0, message: { role: 'assistant', content: 'late' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

function release(response: ServerResponse | undefined): void {
  response?.writeHead(200, { 'content-type': 'application/json' }).end(answer);
}

/** So many calls at once, and the statuses of those that have been answered. */
function flood(count: number) {
  const statuses: number[] = [];
  const calls = Array.from({ length: count }, async () => {
    const reply = await ask(greedy, 'slow');
    await reply.arrayBuffer();
    statuses.push(reply.status);
  });
  /** Answers all that comes until nothing is left. */
  const end = async (): Promise<void> => {
    let isOver = false;
    const over = Promise.all(calls).then(() => (isOver = true));
    await until('all are answered', () => {
      for (const response of held.splice(0)) release(response);
      return isOver;
    });
    await over;
  };
  return { statuses, end };
}

describe('a tenant with hundreds of calls that its provider does not answer', () => {
  it('has all places while it is the only one, and the first that it leaves goes to the other', async () => {
    const { statuses, end } = flood(200);
    await until('all places are taken', () => held.length === places);
    const single = ask(other, 'assistant');
    await until('it waits as well', () => platform.app.running.app.get(CallPlaces).waiting === 200 - places + 1);
    release(held.shift());
    expect((await single).status).toBe(200);
    await end();
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  });

  it('leaves a share free for others, who are answered while it waits', async () => {
    const { statuses, end } = flood(200);
    await until('its places are taken', () => held.length === places - 4);
    for (const model of ['assistant', 'assistant']) expect((await ask(other, model)).status).toBe(200);
    expect([held.length, statuses]).toEqual([places - 4, []]);
    await end();
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  });
});

describe('a tenant with hundreds of bodies that do not come to their end', () => {
  it('holds its share of memory, is told to come again with more, and others are answered', async () => {
    const target = '/api/tenant/v1/chat/completions';
    const headers: HeaderList = [
      ['Host', 'gt'],
      ['Authorization', `Bearer ${greedy.secret}`],
      ['Content-Type', 'application/json'],
      ['Content-Length', '300000'],
    ];
    const refused: number[] = [];
    const connections = Array.from({ length: 200 }, () => new RawConnection(platform.app.url));
    for (const connection of connections) {
      await connection.send(requestBytes('POST', target, headers, '{"model":'));
      connection.reply().then(
        ({ status }) => refused.push(status),
        () => undefined,
      );
    }
    // Six fill what a tenant may have while it is alone.
    await until('all others are refused', () => refused.length >= 194);
    expect(new Set(refused)).toEqual(new Set([503]));
    expect((await ask(other, 'assistant')).status).toBe(200);
    for (const connection of connections) connection.destroy();
    await until('its memory is free again', async () => (await ask(greedy, 'assistant')).status === 200);
  });
});

describe('a tenant with hundreds of queries that the database does not answer', () => {
  it('leaves connections free for others, who are answered while it waits', async () => {
    const direct = new pg.Client({ connectionString: platform.app.databaseUrl });
    await direct.connect();
    const { places: transactions } = platform.app.running.app.get(ConnectionPool, { strict: false });
    const list = async ({ secret }: SeededKey, path: string): Promise<number> => {
      const reply = await fetch(platform.app.baseUrl + path, { headers: { authorization: `Bearer ${secret}` } });
      await reply.arrayBuffer();
      return reply.status;
    };
    expect(await list(other, '/files')).toBe(200);
    await direct.query('begin; lock table conversations in access exclusive mode');
    const all = Array.from({ length: 200 }, () => list(greedy, '/conversations'));
    await until('all of its queries have come', () => transactions.taken + transactions.waiting === 200);
    expect(transactions.taken).toBe(5);
    expect([await list(other, '/files'), await list(other, '/files')]).toEqual([200, 200]);
    await direct.query('commit');
    expect(new Set(await Promise.all(all))).toEqual(new Set([200]));
    await direct.end();
  });
});
