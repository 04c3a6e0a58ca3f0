import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApprovalRunner } from '../../src/modules/approvals/approval-runner.js';
import { tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';
import { FilesBench } from '../support/files.js';
import type { SeededKey } from '../support/platform.js';
import { reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { until } from '../support/until.js';

/** What a death leaves: how often the provider is asked in the end, and with what the call ends. */
interface Death {
  readonly point: string;
  readonly asked: number;
  readonly status: number;
}

const all: readonly Death[] = [
  { point: 'approvals.after-hold', asked: 1, status: 200 },
  { point: 'approvals.after-decision', asked: 1, status: 200 },
  { point: 'approvals.after-claim', asked: 1, status: 200 },
  { point: 'approvals.before-mark', asked: 1, status: 200 },
  { point: 'approvals.after-mark', asked: 0, status: 500 },
  { point: 'approvals.after-part', asked: 1, status: 500 },
  // The answer was kept before it was sent.
  { point: 'approvals.before-end', asked: 1, status: 200 },
  { point: 'approvals.after-end', asked: 1, status: 200 },
];

/** `npm run test:soak` has all of them. */
const sample = /hold|mark|part/;
const deaths = all.filter(({ point }) => process.env['GT_TEST_SOAK'] === '1' || sample.test(point));

/** More than is held before it is stored. */
const long = 'A long answer. '.repeat(30_000);

let bench: FilesBench;
let provider: RecordingProvider;
let key: SeededKey;
let manager: string;
/** The API that mends what the dead ones have left; it begins when all of them are dead. */
let healer: TestApp;
const ids = new Map<string, string>();

const heard = async (id: string, beat: 'later' | 'long ago'): Promise<void> => {
  const beatAt = new Date(Date.now() + (beat === 'later' ? 3_600_000 : -60_000));
  await bench.platform.factory.run((tx) => tx.approval.updateMany({ where: { id, state: 'running' }, data: { beatAt } }));
};
const held = (): Promise<number> => bench.platform.factory.run((tx) => tx.approval.count());
const idOf = async (response: Response): Promise<string> => /apr_\w{24}/.exec(await response.text())?.[0] ?? '';
const ask = (baseUrl: string, point: string): Promise<Response> =>
  post({
    url: `${baseUrl}/chat/completions`,
    secret: key.secret,
    body: { model: 'assistant', stream: point === 'approvals.after-part', messages: [{ role: 'user', content: point }] },
  });

/** Lets an API die at the point. @returns the call that it has left. */
async function die(point: string): Promise<string> {
  const dying = await bench.api({ GT_FAULT_POINT: point });
  const at = `${dying.url}/api`;
  if (point === 'approvals.after-hold') {
    const before = await held();
    await ask(`${at}/tenant/v1`, point).catch(() => undefined);
    expect(await dying.ended).toBe('SIGKILL');
    // Who tries again finds the call that was held.
    const id = await idOf(await ask(bench.url, point));
    expect(await held()).toBe(before + 1);
    await post({ url: `${bench.platform.app.adminUrl}/approvals/${id}/approve`, secret: manager, body: {} });
    return id;
  }
  const id = await idOf(await ask(bench.url, point));
  await post({ url: `${at}/admin/v1/approvals/${id}/approve`, secret: manager, body: {} }).catch(() => undefined);
  expect(await dying.ended).toBe('SIGKILL');
  await heard(id, 'later');
  return id;
}

beforeAll(async () => {
  provider = await startRecordingProvider();
  provider.answerWith((body, response) => {
    if (body.stream !== true) return reply(response, body, { content: 'Short.' });
    // It never ends: what has come of it is stored while the rest is waited for.
    const choices = [{ index: 0, delta: { role: 'assistant', content: long }, finish_reason: null }];
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: body.model, choices };
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${JSON.stringify(chunk)}\n\n`);
  });
  bench = await FilesBench.start();
  // Only processes that die make calls, until the healer begins.
  await bench.platform.app.running.app.get(ApprovalRunner).stop(0);
  const tenant = await bench.platform.factory.tenant('dying', provider.url);
  manager = await tokenOf(bench.platform.app, 'dying', 'manager');
  key = await bench.platform.factory.key(tenant);
  await bench.platform.factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { approval: ['*'] } }));
  ids.set('conversation', await dieInWork());
  // Calls that wait for the healer come last: whoever dies would find them.
  for (const { point } of [...deaths].reverse()) ids.set(point, await die(point));
  for (const id of ids.values()) await heard(id, 'long ago');
  // Nor does anybody hear of the Idempotency-Keys that the dead have claimed.
  await bench.platform.factory.run((tx) => tx.idempotentRequest.updateMany({ data: { aliveAt: new Date(0) } }));
  healer = await startApp({ databaseUrl: bench.platform.app.databaseUrl });
});

/** A conversation is made, and its API dies before the call has ended. */
async function dieInWork(): Promise<string> {
  const dying = await bench.api({ GT_FAULT_POINT: 'approvals.before-end' });
  const id = await idOf(await post({ url: `${bench.url}/conversations`, secret: key.secret, body: {} }));
  await post({ url: `${dying.url}/api/admin/v1/approvals/${id}/approve`, secret: manager, body: {} }).catch(() => undefined);
  expect(await dying.ended).toBe('SIGKILL');
  await heard(id, 'later');
  return id;
}

afterAll(async () => {
  await healer.close();
  await bench.close();
  await provider.close();
});

const result = (id: string): Promise<Response> =>
  until(`${id} has a result`, async () => {
    const response = await fetch(`${healer.baseUrl}/approvals/${id}/result`, {
      headers: { authorization: `Bearer ${key.secret}` },
    });
    return response.status === 409 ? undefined : response;
  });

describe('an approved call whose API is killed', () => {
  it.each(deaths)('at $point is asked $asked times and ends with $status', async ({ point, asked, status }) => {
    const answer = await result(ids.get(point) ?? '');
    const text = await answer.text();
    expect([answer.status, text]).toEqual([status, expect.stringContaining(status === 200 ? 'Short.' : 'interrupted')]);
    expect(provider.bodies.filter(({ messages }) => messages.at(-1)?.content === point)).toHaveLength(asked);
  });

  it('is answered with what it has made, when the work was committed', async () => {
    const made = (await (await result(ids.get('conversation') ?? '')).json()) as { id: string };
    const rows = await bench.platform.factory.run((tx) => tx.conversation.findMany({ where: { keyId: key.id } }));
    expect(rows.map(({ id }) => id)).toEqual([made.id]);
  });

  it('leaves nothing of its request behind', async () => {
    for (const id of ids.values()) await result(id);
    const left = await bench.platform.factory.run((tx) => tx.approvalPart.count({ where: { kind: 'request' } }));
    const heads = await bench.platform.factory.run((tx) => tx.approval.count({ where: { head: { not: null } } }));
    expect([left, heads]).toEqual([0, 0]);
  });
});
