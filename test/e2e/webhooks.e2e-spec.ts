import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { areAlike, tokenOf } from '../support/admin.js';
import { FilesBench } from '../support/files.js';
import { until } from '../support/until.js';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const received: Received[] = [];
/** The answers to a path, in their order; after the last one, and on paths without any, 204. */
const answers = new Map<string, number[]>();

let receiver: Server;
let hooks: string;
let bench: FilesBench;
let key: { readonly secret: string };
let managerToken: string;
let viewerToken: string;
let foreignToken: string;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, text });
      const status = answers.get(path)?.shift() ?? 204;
      response.writeHead(status, status === 307 ? { location: `${hooks}/elsewhere` } : {}).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  hooks = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  bench = await FilesBench.start();
  await bench.otherTenant('other');
  await bench.dataset('handbook', 'other');
  key = await bench.key();
  managerToken = await tokenOf(bench.platform.app, 'acme', 'manager');
  viewerToken = await tokenOf(bench.platform.app, 'acme', 'viewer');
  foreignToken = await tokenOf(bench.platform.app, 'other', 'owner');
});
afterAll(async () => {
  await bench.close();
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
});

const admin = (method: string, path: string, body?: unknown, token = managerToken) =>
  bench.platform.app.admin(method, path, body, token);

async function webhook(path: string, further: object = {}, token = managerToken): Promise<{ id: string; secret: string }> {
  const { status, body } = await admin(
    'POST',
    '/webhooks',
    { url: hooks + path, events: ['file.ready', 'file.failed'], ...further },
    token,
  );
  if (status !== 201) throw new Error(`Refused: ${status} ${JSON.stringify(body)}`);
  return body as { id: string; secret: string };
}

const at = (path: string): Received[] => received.filter((one) => one.path === path);
const deliveries = async (id: string): Promise<Record<string, unknown>[]> =>
  (await admin('GET', `/webhooks/${id}/deliveries`)).body.data;
const upload = (name: string, secret = key.secret) =>
  bench.accepted(secret, '/datasets/handbook/files', { name, bytes: `The content of ${name}.` });

/** OpenAI's own client holds the event against its headers: it knows the form of Standard Webhooks. */
function verified({ headers, text }: Received, secret: string): Promise<Record<string, unknown>> {
  const client = new OpenAI({ apiKey: 'unused' });
  return client.webhooks.unwrap(text, headers as Record<string, string>, secret) as unknown as Promise<Record<string, unknown>>;
}

describe('the webhooks of a tenant', () => {
  it('show their secret when they are made and when it is replaced, and never again', async () => {
    const made = await admin('POST', '/webhooks', {
      url: `${hooks}/shown?a=1`,
      events: ['file.failed', 'file.ready', 'file.ready'],
    });
    const { secret, ...shown } = made.body;
    expect([made.status, secret]).toEqual([201, expect.stringMatching(/^whsec_[0-9A-Za-z]{32}$/)]);
    expect(shown).toEqual({
      object: 'webhook',
      id: expect.stringMatching(/^whk_[0-9A-Za-z]{24}$/),
      tenant: 'acme',
      url: `${hooks}/shown?a=1`,
      events: ['file.ready', 'file.failed'],
      state: 'active',
      overlap_ends_at: null,
      created_at: expect.any(Number),
    });
    const path = `/webhooks/${shown.id}`;
    expect((await admin('GET', path, undefined, viewerToken)).body).toEqual(shown);
    expect((await admin('GET', `/webhooks?url=${encodeURIComponent(shown.url)}`, undefined, viewerToken)).body.data).toEqual([
      shown,
    ]);
    expect((await admin('PATCH', path, { events: ['file.failed'], state: 'disabled' })).body).toEqual({
      ...shown,
      events: ['file.failed'],
      state: 'disabled',
    });
    const rotated = await admin('POST', `${path}/rotate`);
    expect([rotated.status, rotated.body.secret]).toEqual([200, expect.stringMatching(/^whsec_[0-9A-Za-z]{32}$/)]);
    expect(rotated.body.secret).not.toBe(secret);
    const inADay = Date.now() / 1000 + 86_400;
    expect(Math.abs(rotated.body.overlap_ends_at - inADay)).toBeLessThan(60);
    expect((await admin('GET', path)).body.overlap_ends_at).toBe(rotated.body.overlap_ends_at);
    const audit = await bench.platform.app.admin('GET', `/audit?tenant=acme&object_id=${shown.id}`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual(['rotate', 'update', 'create']);
    expect(audit.body.data[0].changes).toEqual({ overlap_seconds: 86_400, secret: 'set' });
    const stored = await bench.platform.factory.run(async (tx) => [
      ...(await tx.webhook.findMany()),
      ...(await tx.webhookFormerSecret.findMany({ where: { webhookId: shown.id } })),
    ]);
    expect(stored).toHaveLength(2);
    const everything = JSON.stringify([audit.body, stored.map((row) => Buffer.from(row.secret).toString('latin1'))]);
    for (const text of [secret, rotated.body.secret] as string[]) expect(everything).not.toContain(text.slice(6));
    expect((await admin('DELETE', path)).body).toEqual({ id: shown.id, object: 'webhook', deleted: true });
    expect((await admin('GET', path)).status).toBe(404);
  });

  it.each([
    [{ url: 'http://10.0.0.1/hook' }, 'url'],
    [{ url: 'http://169.254.169.254/latest' }, 'url'],
    [{ url: 'http://[::1]:9/hook' }, 'url'],
    [{ url: 'ftp://x.example' }, 'url'],
    [{ url: 'https://user:pw@x.example' }, 'url'],
    [{ url: 'https://x.example/#part' }, 'url'],
    [{ events: [] }, 'events'],
    [{ events: ['file.lost'] }, 'events[0]'],
    [{ state: 'asleep' }, 'state'],
    [{ secret: 'mine' }, 'secret'],
  ])('refuse %j with 400, when they are made and when they are changed', async (input, param) => {
    const { id } = await webhook('/unchanged');
    const replies = [
      await admin('POST', '/webhooks', { url: `${hooks}/x`, events: ['file.ready'], ...input }),
      await admin('PATCH', `/webhooks/${id}`, input),
    ];
    for (const { status, body } of replies) expect([status, body.error.param]).toEqual([400, param]);
    await admin('DELETE', `/webhooks/${id}`);
  });

  it.each([[-1], [1.5], ['60'], [30 * 86_400 + 1]])('refuse an overlap of %j seconds with 400', async (overlap) => {
    const { id } = await webhook('/overlap');
    const { status, body } = await admin('POST', `/webhooks/${id}/rotate`, { overlap_seconds: overlap });
    expect([status, body.error.param]).toEqual([400, 'overlap_seconds']);
    await admin('DELETE', `/webhooks/${id}`);
  });

  it('keep at most four former secrets, lose none of them to rotations at once, and always rotate without an overlap', async () => {
    const { id } = await webhook('/often');
    const rotate = (body?: object) => admin('POST', `/webhooks/${id}/rotate`, body);
    const replies = await Promise.all([rotate(), rotate(), rotate(), rotate(), rotate()]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 409]);
    const refusal = replies.find(({ status }) => status === 409)?.body.error;
    expect(refusal).toMatchObject({ code: 'conflict', param: 'overlap_seconds' });
    const former = () => bench.platform.factory.run((tx) => tx.webhookFormerSecret.findMany({ where: { webhookId: id } }));
    expect(new Set((await former()).map(({ secret }) => Buffer.from(secret).toString('hex'))).size).toBe(4);
    const rotated = await rotate({ overlap_seconds: 0 });
    expect([rotated.status, rotated.body.overlap_ends_at]).toEqual([200, null]);
    expect(await former()).toEqual([]);
    await admin('DELETE', `/webhooks/${id}`);
  });

  it('let a later rotation bring the end of the former secrets forward, never put it off', async () => {
    const { id } = await webhook('/forward');
    const rotate = async (overlap: number): Promise<number> =>
      (await admin('POST', `/webhooks/${id}/rotate`, { overlap_seconds: overlap })).body.overlap_ends_at;
    const ends = async (): Promise<number[]> => {
      const rows = await bench.platform.factory.run((tx) => tx.webhookFormerSecret.findMany({ where: { webhookId: id } }));
      return rows.map(({ expiresAt }) => Math.floor(expiresAt.getTime() / 1000)).sort();
    };
    const [late] = [await rotate(9_000)];
    const soon = await rotate(1_000);
    expect(soon).toBeLessThan(late);
    expect(await ends()).toEqual([soon, soon]);
    const last = await rotate(5_000);
    expect(await ends()).toEqual([soon, soon, last]);
    await admin('DELETE', `/webhooks/${id}`);
  });

  it("are changed by managers, read by viewers, and another tenant's are like absent ones", async () => {
    const { id } = await webhook('/roles');
    const calls = [
      ['GET', ''],
      ['PATCH', '', { state: 'disabled' }],
      ['POST', '/rotate'],
      ['GET', '/deliveries'],
      ['DELETE', ''],
    ] as const;
    for (const [method, path, body] of calls) {
      const foreign = await admin(method, `/webhooks/${id}${path}`, body, foreignToken);
      expect(foreign.status).toBe(404);
      expect(areAlike([foreign, await admin(method, `/webhooks/whk_absent${path}`, body)])).toBe(true);
      expect((await admin(method, `/webhooks/${id}${path}`, body, '')).status).toBe(401);
      const viewer = await admin(method, `/webhooks/${id}${path}`, body, viewerToken);
      expect([viewer.status, viewer.body.error?.code]).toEqual(method === 'GET' ? [200, undefined] : [403, 'insufficient_role']);
    }
    expect((await admin('POST', '/webhooks', { url: hooks, events: ['file.ready'] }, viewerToken)).status).toBe(403);
    await admin('DELETE', `/webhooks/${id}`);
  });
});

describe('a file that comes to its end', () => {
  it('in a worker that is killed at the next instruction is told of by another: nothing is lost', async () => {
    const { id, secret } = await webhook('/killed');
    const doomed = await bench.worker({ GT_FAULT_POINT: 'file.after-ready' });
    const file = await upload('killed.txt');
    expect(await doomed.ended).toBe('SIGKILL');
    expect(at('/killed')).toEqual([]);
    expect((await deliveries(id)).map(({ state, attempts }) => [state, attempts])).toEqual([['pending', 0]]);
    // The one worker of all the tests that follow.
    await bench.worker();
    const told = await until('the event has come', () => at('/killed')[0], 40_000);
    expect(await verified(told, secret)).toMatchObject({
      type: 'file.ready',
      data: { object: { id: file.id, status: 'ready' } },
    });
    await admin('DELETE', `/webhooks/${id}`);
  });

  it('is told of once to each webhook that asked, signed, with the file as the API shows it; to no other tenant', async () => {
    const { id, secret } = await webhook('/one');
    const failures = await webhook('/failures', { events: ['file.failed'] });
    const disabled = await webhook('/disabled', { state: 'disabled' });
    const foreign = await webhook('/foreign', {}, foreignToken);
    const file = await upload('one.txt');
    const ended = await bench.ended(key.secret, file.id);
    const told = await until('the event has come', () => at('/one')[0], 20_000);
    const event = await verified(told, secret);
    expect(event).toEqual({
      id: expect.stringMatching(/^whd_[0-9A-Za-z]{24}$/),
      object: 'event',
      type: 'file.ready',
      created_at: expect.any(Number),
      data: { object: ended },
    });
    expect(told.headers).toMatchObject({ 'webhook-id': event['id'], 'content-type': 'application/json' });
    await expect(verified(told, foreign.secret)).rejects.toThrow();
    await expect(verified({ ...told, text: told.text.replace('one.txt', 'two.txt') }, secret)).rejects.toThrow();

    const otherKey = await bench.key({ tenant: 'other' });
    const theirs = await upload('theirs.txt', otherKey.secret);
    const toldThem = await until('their event has come', () => at('/foreign')[0], 30_000);
    expect(await verified(toldThem, foreign.secret)).toMatchObject({ data: { object: { id: theirs.id } } });
    await bench.eventually(async () => {
      const shown = await admin('GET', `/webhooks/${id}/deliveries?state=delivered`);
      expect(shown.body.data).toEqual([
        {
          object: 'webhook_delivery',
          id: event['id'],
          webhook: id,
          type: 'file.ready',
          state: 'delivered',
          attempts: 1,
          last_status: 204,
          next_attempt_at: null,
          created_at: event['created_at'],
          data: { object: ended },
        },
      ]);
    });
    expect([at('/one').length, at('/foreign').length, at('/failures').length, at('/disabled').length]).toEqual([1, 1, 0, 0]);

    const broken = await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'empty.txt', bytes: ' \n ' });
    const failed = await bench.ended(key.secret, broken.id);
    const toldFailure = await until('the failure has come', () => at('/failures')[0], 20_000);
    expect(await verified(toldFailure, failures.secret)).toMatchObject({ type: 'file.failed', data: { object: failed } });
    for (const each of [id, failures.id, disabled.id]) await admin('DELETE', `/webhooks/${each}`);
    await admin('DELETE', `/webhooks/${foreign.id}`, undefined, foreignToken);
  });

  it('is told of again, under the same id, to a receiver that failed; a redirect is a failure and is not followed', async () => {
    answers.set('/shaky', [500]);
    answers.set('/moved', [307]);
    const shaky = await webhook('/shaky');
    const moved = await webhook('/moved');
    const file = await upload('shaky.txt');
    await until('both were told twice', () => at('/shaky').length === 2 && at('/moved').length === 2, 45_000);
    expect(at('/elsewhere')).toEqual([]);
    for (const [path, { id, secret }] of [
      ['/shaky', shaky],
      ['/moved', moved],
    ] as const) {
      const events = await Promise.all(at(path).map((one) => verified(one, secret)));
      expect(new Set(events.map((event) => event['id'])).size).toBe(1);
      expect(events[1]).toMatchObject({ data: { object: { id: file.id } } });
      await bench.eventually(async () =>
        expect(await deliveries(id)).toMatchObject([
          { state: 'delivered', attempts: 2, last_status: 204, next_attempt_at: null },
        ]),
      );
      await admin('DELETE', `/webhooks/${id}`);
    }
  });

  it('is signed by the new secret and for the overlap by each former one, then by the new one alone', async () => {
    const { id, secret: first } = await webhook('/rotated');
    const rotate = async (body?: object): Promise<string> => (await admin('POST', `/webhooks/${id}/rotate`, body)).body.secret;
    const toldOf = async (name: string): Promise<Received> => {
      const file = await upload(name);
      return until(`${name} was told of`, () => at('/rotated').find(({ text }) => text.includes(file.id)), 30_000);
    };
    const signatures = ({ headers }: Received): string[] => String(headers['webhook-signature']).split(' ');

    // The answer of the second may have been lost: whoever has the first is still served.
    const second = await rotate();
    const third = await rotate();
    const inOverlap = await toldOf('overlap.txt');
    expect(signatures(inOverlap)).toEqual([1, 2, 3].map(() => expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/)));
    for (const secret of [first, second, third]) expect(await verified(inOverlap, secret)).toMatchObject({ type: 'file.ready' });

    // As if the overlap were over.
    await bench.platform.factory.run((tx) =>
      tx.webhookFormerSecret.updateMany({ where: { webhookId: id }, data: { expiresAt: new Date() } }),
    );
    expect((await admin('GET', `/webhooks/${id}`)).body.overlap_ends_at).toBeNull();
    const afterwards = await toldOf('afterwards.txt');
    expect(signatures(afterwards)).toHaveLength(1);
    expect(await verified(afterwards, third)).toMatchObject({ type: 'file.ready' });

    const fourth = await rotate({ overlap_seconds: 0 });
    const atOnce = await toldOf('at-once.txt');
    expect(await verified(atOnce, fourth)).toMatchObject({ type: 'file.ready' });
    for (const secret of [first, second, third]) await expect(verified(atOnce, secret)).rejects.toThrow();
    await admin('DELETE', `/webhooks/${id}`);
  });

  it('is told of no more after the seventh failed try', async () => {
    answers.set('/dead', [503, 503, 503]);
    const { id } = await webhook('/dead');
    await upload('dead.txt');
    await until('the first try was written down', async () => (await deliveries(id))[0]?.['last_status'] === 503, 30_000);
    // As if the pauses between were over.
    await bench.platform.factory.run((tx) =>
      tx.webhookDelivery.updateMany({ where: { webhookId: id }, data: { attempts: 6, nextAttemptAt: new Date() } }),
    );
    await bench.eventually(async () =>
      expect(await deliveries(id)).toMatchObject([{ state: 'failed', attempts: 7, last_status: 503, next_attempt_at: null }]),
    );
    await admin('DELETE', `/webhooks/${id}`);
  });
});
