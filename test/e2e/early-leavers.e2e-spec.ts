import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import pg from 'pg';
import { OpenStreams } from '../../src/modules/open-streams/open-streams.js';
import { Gates } from '../../src/modules/usage/gates/gates.js';
import { call } from '../support/app.js';
import { fieldPart, filePart, formHeaders } from '../support/form-provider.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { RawConnection, requestBytes, type HeaderList } from '../support/raw-http.js';
import { post, statsOf, until, user } from '../support/relay.js';

/** Of the bodies that the process may hold a tenant has its share: three of these fill them. */
const settings = { GT_MAX_BODIES_BYTES: '3000000' };
const declared = 900_000;

let platform: TestPlatform;
let direct: pg.Client;
const sockets: Socket[] = [];

beforeAll(async () => {
  platform = await startPlatform({ settings });
  direct = new pg.Client({ connectionString: platform.app.databaseUrl });
  await direct.connect();
  (platform.app.running.app.getHttpServer() as Server).on('connection', (socket: Socket) => sockets.push(socket));
});
afterAll(async () => {
  await direct.end();
  await platform.close();
});

/** Sends the beginning of a request and leaves while its secret is looked up, which the process has never seen. */
async function leaveEarly(path: string, headers: HeaderList, beginning: Buffer): Promise<void> {
  await direct.query('begin; lock table key_secrets, admin_tokens in access exclusive mode');
  const before = sockets.length;
  const connection = new RawConnection(platform.app.url);
  const length: HeaderList = [['Host', 'gt'], ['Content-Length', String(declared)], ...headers];
  await connection.send(requestBytes('POST', path, length, beginning));
  await until('the secret is looked up', async () => {
    const { rows } = await direct.query(`select from pg_locks where mode = 'AccessShareLock' and not granted`);
    return rows.length > 0;
  });
  connection.destroy();
  await until('the process has seen it leave', () => sockets.at(before)?.destroyed === true);
  await direct.query('commit');
}

describe('a client that leaves while its secret is looked up', () => {
  const held = () => platform.app.running.app.get(Gates, { strict: false }).held;
  const watched = () => platform.app.running.app.get(OpenStreams, { strict: false }).watched;

  const json = (secret: string): HeaderList => [
    ['Authorization', `Bearer ${secret}`],
    ['Content-Type', 'application/json'],
  ];

  it('leaves no place that it has taken, and no bytes: a body', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => platform.factory.key(platform.acme)));
    for (const { secret } of keys) await leaveEarly('/api/tenant/v1/chat/completions', json(secret), Buffer.from('{"model":'));
    const body = { model: 'assistant', messages: [user('x'.repeat(declared - 1_000))] };
    const url = `${platform.app.baseUrl}/chat/completions`;
    const reply = await post({ url, secret: (await platform.factory.key(platform.acme)).secret, body });
    await reply.text();
    expect(reply.status).toBe(200);
    await until('its place is free', () => held() === 0);
  });

  it('leaves no bytes behind on the admin plane', async () => {
    const newToken = async (name: string): Promise<string> => {
      const { body } = await platform.app.admin('POST', '/admin-tokens', { tenant: 'acme', name, role: 'manager' });
      return body.secret as string;
    };
    for (const name of ['one', 'two', 'three'])
      await leaveEarly('/api/admin/v1/agents', json(await newToken(name)), Buffer.from('{"name":'));
    const agent = { name: 'x'.repeat(declared - 1_000), spec: {} };
    expect((await call(`${platform.app.adminUrl}/agents`, 'POST', await newToken('last'), agent)).status).toBe(400);
  });

  it('leaves no place that it has taken, and nothing that is watched over: a form', async () => {
    const key = await platform.factory.key(platform.acme);
    const headers = Object.entries(formHeaders(key.secret));
    const begun = Buffer.concat([fieldPart('model', 'assistant'), filePart('file', randomBytes(100_000)).subarray(0, 50_000)]);
    await leaveEarly('/api/tenant/v1/audio/transcriptions', headers, begun);
    // Behind the one that left in the row of what waits for the database.
    expect((await call(`${platform.app.baseUrl}/key`, 'GET', key.secret)).status).toBe(200);
    expect([held(), watched()]).toEqual([0, 0]);
  });
});

describe('a client that leaves while its requests wait behind one another on a connection', () => {
  it('ends all of them, and leaves nothing that they have taken', async () => {
    const key = await platform.factory.key(platform.acme);
    const path = '/api/tenant/v1/chat/completions';
    const asking = JSON.stringify({ model: 'assistant', messages: [user('[[hang]]')] });
    const head: HeaderList = [
      ['Host', 'gt'],
      ['Content-Type', 'application/json'],
      ['Authorization', `Bearer ${key.secret}`],
    ];
    const hanging = requestBytes('POST', path, [...head, ['Content-Length', String(asking.length)]], asking);
    const coming = requestBytes('POST', path, [...head, ['Content-Length', String(declared)]], '{"model":');
    const connections = [1, 2, 3].map(() => new RawConnection(platform.app.url));
    for (const connection of connections) await connection.send(Buffer.concat([hanging, hanging, coming]));
    const active = async () => (await statsOf(platform.sandbox)).active;
    await until('the provider has all of them', async () => (await active()) === 6);
    for (const connection of connections) connection.destroy();
    await until('the provider is let go', async () => (await active()) === 0);
    const body = { model: 'assistant', messages: [user('x'.repeat(declared - 1_000))] };
    const reply = await post({ url: `${platform.app.url}${path}`, secret: key.secret, body });
    await reply.text();
    expect(reply.status).toBe(200);
    const gates = platform.app.running.app.get(Gates, { strict: false });
    await until('its places are free', () => gates.held === 0);
  });
});
