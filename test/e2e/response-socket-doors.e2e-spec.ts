import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UsageObject } from '../../src/contracts/usage.js';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type SeededTenant } from '../support/platform.js';
import { openSocket, refusedUpgrade } from '../support/response-socket.js';
import { until } from '../support/until.js';
import { startUsageBench, type UsageBench } from '../support/usage-fixture.js';

let bench: UsageBench;
let other: SeededTenant;

beforeAll(async () => {
  bench = await startUsageBench({ GT_UPSTREAM_IDLE_MS: '20000' });
  const { factory, sandbox } = bench.platform;
  other = await factory.tenant('other', `${sandbox.url}/v1`);
});
afterAll(() => bench.platform.close());

const base = () => bench.platform.app.baseUrl;
const open = (key: SeededKey) => openSocket(base(), key.secret);
const bearer = ({ secret }: SeededKey) => ({ authorization: `Bearer ${secret}` });
const create = (key: SeededKey, further: object = {}) =>
  call(`${base()}/responses`, 'POST', key.secret, { model: 'assistant', input: 'hello', ...further });

/** What an upgrade is told, in short. */
async function told(key: SeededKey, headers: Readonly<Record<string, string>> = {}, url = base()) {
  const { status, body, headers: answered } = await refusedUpgrade(`${url}/responses`, { ...bearer(key), ...headers });
  return [status, body.error.code, answered['upgrade']];
}

describe('WebSockets that are switched off', () => {
  const off = [426, 'upgrade_required', 'websocket'];

  it('by the operator are refused to every key', async () => {
    const without = await startPlatform({ settings: { GT_SOCKETS_PER_KEY: '0' } });
    expect(await told(await without.factory.key(without.acme), {}, without.app.baseUrl)).toEqual(off);
    await without.close();
  });

  it("by a tenant are refused to its keys and to no other tenant's, and all else of the group stays", async () => {
    const key = await bench.newKey();
    const patch = (routes: readonly string[]) => bench.platform.app.admin('PATCH', '/tenants/acme', { routes_off: routes });
    const changed = await patch(['websocket']);
    expect([changed.status, changed.body.routes_off]).toEqual([200, ['websocket']]);
    await until('the tenant has no sockets', async () => {
      const [status] = await told(key);
      return status === 426;
    });
    expect(await told(key)).toEqual(off);
    expect((await create(key)).status).toBe(200);
    (await open(await bench.platform.factory.key(other))).close();
    await patch(['responses']);
    await until('the whole group is gone', async () => (await told(key))[0] === 404);
    await patch([]);
    (await until('sockets are allowed again', () => open(key).catch(() => undefined))).close();
  });

  it('for a key are refused to it alone, and its open one ends what runs and takes no further call', async () => {
    const [key, neighbour] = [await bench.newKey(), await bench.newKey()];
    const socket = await open(key);
    socket.send({ input: '[[chunks:100]] [[pace:30]] hello', store: false });
    await socket.next(({ type }) => type === 'response.created');
    const patch = (websocket: boolean) => bench.platform.app.admin('PATCH', `/keys/${key.id}?tenant=acme`, { websocket });
    const changed = await patch(false);
    expect([changed.status, changed.body.websocket]).toEqual([200, false]);
    await until('the key has no sockets', async () => (await told(key))[0] === 426);
    expect(await told(key)).toEqual(off);
    socket.send({ input: 'hello', store: false });
    expect((await socket.closed).code).toBe(1008);
    const [running, refused] = socket.events.slice(-2);
    expect(running.type).toBe('response.completed');
    expect(refused).toMatchObject({ type: 'error', status: 426, error: { code: 'upgrade_required' } });
    expect((await create(key)).status).toBe(200);
    expect((await call(`${base()}/key`, 'GET', key.secret)).body).toMatchObject({ websocket: false });
    (await open(neighbour)).close();
    await patch(true);
    (await until('it may open one again', () => open(key).catch(() => undefined))).close();
  });

  it('are so from the first on for a key that is made that way', async () => {
    const { body } = await bench.platform.app.admin('POST', '/keys', {
      tenant: 'acme',
      name: 'no-sockets',
      preset: 'openai-chat-client',
      agents: ['assistant'],
      websocket: false,
    });
    expect(body.websocket).toBe(false);
    expect(await told({ id: body.id, secret: body.secret })).toEqual(off);
  });
});

describe('what belongs to others', () => {
  it('is no host for a key', async () => {
    const key = await bench.newKey();
    await bench.platform.app.admin('PATCH', '/tenants/other', { hosts: ['other.example'] });
    await until('the host is the other tenant', async () => (await call(`${base()}/models`, 'GET', key.secret)).status === 200);
    expect((await told(key, { host: 'other.example' })).slice(0, 2)).toEqual([401, 'invalid_api_key']);
    await bench.platform.app.admin('PATCH', '/tenants/other', { hosts: [] });
  });

  it('is no response to go on from', async () => {
    const key = await bench.newKey();
    const socket = await open(key);
    for (const owner of [await bench.newKey(), await bench.platform.factory.key(other)]) {
      const { id } = (await create(owner)).body as { id: string };
      for (const store of [true, false]) {
        const [refused] = await socket.ask({ input: 'Go on', previous_response_id: id, store });
        expect([refused.status, refused.error.code, refused.error.param]).toEqual([
          400,
          'previous_response_not_found',
          'previous_response_id',
        ]);
      }
      expect((await call(`${base()}/responses/${id}`, 'GET', owner.secret)).status).toBe(200);
    }
    socket.close();
  });
});

describe('a call whose client leaves its socket', () => {
  it('is booked once, with what had come by then', async () => {
    const key = await bench.newKey();
    const socket = await open(key);
    socket.send({ input: '[[chunks:100000]] [[pace:10]] hello', store: false });
    await socket.next(({ type }) => type === 'response.output_text.delta');
    socket.close();
    const record: UsageObject = await bench.onlyRecord(key);
    expect(record).toMatchObject({ route: 'responses.websocket', endpoint: 'assistant', state: 'client_closed', stream: true });
    expect([record.input_tokens > 0, record.output_tokens > 0]).toEqual([true, true]);
  });
});
