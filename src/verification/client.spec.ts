import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { clientHabits, type ClientHabitsData } from '../catalog/runbooks/client-habits.js';
import { runbooks } from '../catalog/runbooks/index.js';
import { CallBudget } from './call-budget.js';
import { clientAddress, EmulatedClient } from './client.js';
import { configuredRouteOf, configuredValue } from './documented-form.js';
import { canBeEmulated } from './verify.js';

interface Planned {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

let server: Server;
let planned: Planned[] = [];
let asked: { url: string; headers: IncomingHttpHeaders }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    const { status, headers } = planned.shift() ?? { status: 200 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  planned = [];
  asked = [];
});

function client(habits: ClientHabitsData, mostCalls = 20): EmulatedClient {
  const { port } = server.address() as AddressInfo;
  const configured = `http://127.0.0.1:${port}/base`;
  const setup = { habits: clientHabits.parse(habits), configured, configuredRoute: undefined, key: 'k-1' };
  return new EmulatedClient(setup, new CallBudget(mostCalls));
}

const patient: ClientHabitsData = {
  joins: 'append',
  retry: { times: 2, statuses: [429, 503], waitsFor: ['retry-after-ms', 'retry-after'] },
};
const busy: Planned = { status: 429, headers: { 'retry-after-ms': '1' } };

describe('an emulated client', () => {
  it('asks again as often as its habit says, and takes the answer that comes then', async () => {
    planned = [busy, busy];
    expect(await client(patient).call({ route: 'models.list' })).toMatchObject({ kind: 'answered', status: 200 });
    expect(asked).toHaveLength(3);
    planned = [busy, busy, busy];
    expect(await client(patient).call({ route: 'models.list' })).toMatchObject({ status: 429 });
  });

  it.each<[string, ClientHabitsData, Planned]>([
    ['that never does', { joins: 'append' }, busy],
    ['for a status that is not of its list', patient, { status: 500 }],
    ['that is told not to', patient, { status: 429, headers: { 'x-should-retry': 'false' } }],
  ])('does not ask again %s', async (_which, habits, first) => {
    planned = [first];
    expect(await client(habits).call({ route: 'models.list' })).toMatchObject({ status: first.status });
    expect(asked).toHaveLength(1);
  });

  it('counts what it sends again', async () => {
    planned = [busy, busy];
    await expect(client(patient, 2).call({ route: 'models.list' })).rejects.toThrow('at most 2 requests');
    expect(asked).toHaveLength(2);
  });

  it('sends the headers of its row, and the key in the form of its row', async () => {
    const auth = { header: 'x-key', value: 'Token {{api_key}}' };
    await client({ joins: 'append_v1', auth, headers: { 'x-lang': 'js' } }).call({ route: 'models.list' });
    expect(asked).toEqual([
      { url: '/base/v1/models', headers: expect.objectContaining({ 'x-key': 'Token k-1', 'x-lang': 'js' }) },
    ]);
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  it('says that nothing answered', async () => {
    const setup = {
      habits: clientHabits.parse({ joins: 'append' }),
      configured: 'http://127.0.0.1:9',
      configuredRoute: undefined,
    };
    const given = await new EmulatedClient({ ...setup, key: 'k' }, new CallBudget(1)).call({ route: 'models.list' });
    expect(given).toMatchObject({ kind: 'silent', reason: 'unreachable' });
  });
});

describe('the client of a runbook', () => {
  it.each(runbooks.filter(canBeEmulated).map((row) => [row.slug, row] as const))(
    '%s calls nobody but the platform',
    (_slug, row) => {
      const origin = 'https://platform.example:8443/gt';
      const configuredRoute = configuredRouteOf(row);
      const setup = { habits: row.client, configured: configuredValue(row, origin), configuredRoute };
      for (const { route } of row.routes) expect(clientAddress(setup, route)).toMatch(/^https:\/\/platform\.example:8443\/gt\//);
    },
  );
});
