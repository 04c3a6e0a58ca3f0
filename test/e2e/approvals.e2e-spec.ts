import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { ApprovalWatchRepository } from '../../src/modules/approvals/approval-watch.repository.js';
import { tokenOf } from '../support/admin.js';
import { startApp, type ApiReply } from '../support/app.js';
import { startPlatform, type KeyOptions, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { defaultAnswer, reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { runCli } from '../support/cli.js';
import { openai, post } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';
import { openSocket } from '../support/response-socket.js';
import { invited } from '../support/sign-in.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let acme: SeededTenant;
let manager: string;
/** Its chats are held. */
let held: SeededKey;
let client: OpenAI;

const chat = (content: string) => ({ model: 'assistant', messages: [{ role: 'user' as const, content }] });
const base = () => platform.app.baseUrl;
const admin = (method: string, path: string, body?: unknown, token = manager): Promise<ApiReply> =>
  platform.app.admin(method, path, body, token);
const approve = (id: string, body: object = {}) => admin('POST', `/approvals/${id}/approve`, body);
const asked = () => provider.bodies.length;

async function keyUnder(approval: readonly string[], options: KeyOptions = {}): Promise<SeededKey> {
  const key = await platform.factory.key(acme, options);
  await platform.factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { approval: [...approval] } }));
  return key;
}

/** Sends a chat that is held. @returns the id of its approval. */
async function ask(content: string, headers: Record<string, string> = {}, key = held): Promise<string> {
  const response = await post({ url: `${base()}/chat/completions`, secret: key.secret, body: chat(content), headers });
  const body = (await response.json()) as { error: { code: string; message: string } };
  expect([response.status, body.error.code]).toEqual([403, 'approval_required']);
  const [id = ''] = /apr_[0-9A-Za-z]{24}/.exec(body.error.message) ?? [];
  expect(response.headers.get('location')).toBe(`${base()}/approvals/${id}`);
  return id;
}

const get = (path: string, secret = held.secret): Promise<Response> =>
  fetch(base() + path, { headers: { authorization: `Bearer ${secret}` } });
const statusOf = async (id: string, secret = held.secret): Promise<string> =>
  ((await (await get(`/approvals/${id}`, secret)).json()) as { status: string }).status;
/** The result, as soon as there is one. */
const result = (id: string, secret = held.secret): Promise<Response> =>
  until(`${id} has a result`, async () => {
    const response = await get(`/approvals/${id}/result`, secret);
    return response.status === 409 ? undefined : response;
  });
const errorOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

beforeAll(async () => {
  platform = await startPlatform();
  provider = await startRecordingProvider();
  acme = await platform.factory.tenant('approving', provider.url);
  manager = await tokenOf(platform.app, 'approving', 'manager');
  held = await keyUnder(['chat.completions.create']);
  client = openai(base(), held);
});

afterAll(async () => {
  await platform.close();
  await provider.close();
});

describe('a held call', () => {
  it('runs once it is approved, and its result is what the provider has answered', async () => {
    const before = asked();
    const error: unknown = await client.chat.completions.create(chat('One')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 403, code: 'approval_required' });
    const [id = ''] = /apr_\w{24}/.exec((error as Error).message) ?? [];
    expect(await statusOf(id)).toBe('pending');
    const early = await get(`/approvals/${id}/result`);
    expect([await errorOf(early), early.headers.get('retry-after')]).toEqual([[409, 'approval_pending'], '5']);
    expect(asked()).toBe(before);

    const shown = await admin('GET', `/approvals/${id}`);
    expect(shown.body).toMatchObject({
      status: 'pending',
      key: held.id,
      method: 'POST',
      route: 'chat.completions.create',
      model: 'assistant',
      request: { query: '', content_type: 'application/json', is_whole: true },
    });
    expect(JSON.parse(shown.body.request.body as string)).toEqual(chat('One'));
    const decided = await approve(id, { reason: 'Fine.' });
    expect(decided.body).toMatchObject({
      status: 'approved',
      reason: 'Fine.',
      decided_by: expect.stringContaining('test-manager'),
    });

    const answer = await result(id);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(await answer.json()).toMatchObject({ model: 'assistant', choices: [{ message: { content: 'Answer to One' } }] });
    expect(asked()).toBe(before + 1);
    expect((await admin('GET', `/approvals/${id}`)).body).toMatchObject({
      status: 'completed',
      request: null,
      result: { status: 200 },
    });
    const own = (await (await get(`/approvals/${id}`)).json()) as object;
    expect(own).toMatchObject({ object: 'approval', status: 'completed', result_url: `${base()}/approvals/${id}/result` });
  });

  it('is answered 202 to who says that it can wait', async () => {
    const response = await post({
      url: `${base()}/chat/completions`,
      secret: held.secret,
      body: chat('Waiting'),
      headers: { prefer: 'wait=5, respond-async' },
    });
    const approval = (await response.json()) as { id: string };
    expect(response.status).toBe(202);
    expect(approval).toMatchObject({ object: 'approval', status: 'pending', route: 'chat.completions.create', result_url: null });
    expect(response.headers.get('location')).toBe(`${base()}/approvals/${approval.id}`);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
  });

  it('is one, however often the same request comes before it has ended, and another for another body', async () => {
    const [first, second, other] = [await ask('Same'), await ask('Same'), await ask('Other')];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('streams into its result, byte for byte', async () => {
    provider.answerWith((body, response) => reply(response, body, { content: 'In pieces' }));
    const streamed = { ...chat('Streamed'), stream: true };
    const plain = await platform.factory.key(acme);
    const live = await (await post({ url: `${base()}/chat/completions`, secret: plain.secret, body: streamed })).text();
    const response = await post({ url: `${base()}/chat/completions`, secret: held.secret, body: streamed });
    const [id = ''] = /apr_\w{24}/.exec(await response.text()) ?? [];
    await approve(id);
    const answer = await result(id);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await answer.text()).toBe(live);
  });

  it('gives the result to the same request under the same Idempotency-Key, and runs no other', async () => {
    const before = asked();
    const headers = { 'idempotency-key': 'my-key' };
    const id = await ask('Repeated', headers);
    expect(await ask('Repeated', headers)).toBe(id);
    const changed = await post({ url: `${base()}/chat/completions`, secret: held.secret, body: chat('Changed'), headers });
    expect(await errorOf(changed)).toEqual([422, 'idempotency_mismatch']);
    await approve(id);
    const answer = await (await result(id)).text();
    const again = await post({ url: `${base()}/chat/completions`, secret: held.secret, body: chat('Repeated'), headers });
    expect([again.status, again.headers.get('idempotent-replayed'), await again.text()]).toEqual([200, 'true', answer]);
    expect(asked()).toBe(before + 1);
  });

  it('runs once, however many approve it at once', async () => {
    const before = asked();
    const id = await ask('Twice');
    const replies = await Promise.all([approve(id), approve(id), approve(id)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await result(id)).status).toBe(200);
    expect(await errorOf(await rawApprove(id))).toEqual([409, 'conflict']);
    expect(asked()).toBe(before + 1);
  });

  it('never runs when it is rejected, and its caller is told why', async () => {
    const before = asked();
    const headers = { 'idempotency-key': 'rejected' };
    const id = await ask('Rejected', headers);
    expect((await admin('POST', `/approvals/${id}/reject`, { reason: 'Too costly.' })).body.status).toBe('rejected');
    const answer = await get(`/approvals/${id}/result`);
    const told = (await answer.json()) as { error: { code: string; message: string } };
    expect([answer.status, told.error.code]).toEqual([403, 'approval_rejected']);
    expect(told.error.message).toContain('Too costly.');
    const again = await post({ url: `${base()}/chat/completions`, secret: held.secret, body: chat('Rejected'), headers });
    expect(await errorOf(again)).toEqual([403, 'approval_rejected']);
    expect((await approve(id)).status).toBe(409);
    expect(asked()).toBe(before);
  });

  it('never runs when its time is over', async () => {
    const id = await ask('Late');
    await platform.factory.run((tx) =>
      tx.approval.updateMany({ where: { id }, data: { expiresAt: new Date(Date.now() - 1000) } }),
    );
    expect(await statusOf(id)).toBe('expired');
    expect((await approve(id)).status).toBe(409);
    expect(await errorOf(await get(`/approvals/${id}/result`))).toEqual([410, 'approval_expired']);
    expect(await ask('Late')).not.toBe(id);
  });

  it('runs nothing for a key that was revoked, nor for one that has lost its scope meanwhile', async () => {
    const before = asked();
    const revoked = await keyUnder(['*']);
    const id = await ask('Revoked', {}, revoked);
    await platform.factory.run((tx) => tx.key.updateMany({ where: { id: revoked.id }, data: { state: 'revoked' } }));
    expect((await approve(id)).status).toBe(409);

    const narrowed = await keyUnder(['*'], { scopes: ['inference:chat', 'inference:embed'] });
    const other = await ask('Narrowed', {}, narrowed);
    await platform.factory.run((tx) => tx.key.updateMany({ where: { id: narrowed.id }, data: { scopes: ['inference:embed'] } }));
    await approve(other);
    expect(await errorOf(await result(other, narrowed.secret))).toEqual([403, 'insufficient_scope']);
    expect(asked()).toBe(before);
  });

  it('is refused at once where it cannot be right', async () => {
    const send = (body: unknown) => post({ url: `${base()}/chat/completions`, secret: held.secret, body });
    expect(await errorOf(await send('{"model": "assistant"'))).toEqual([400, 'invalid_request']);
    expect(await errorOf(await send(''))).toEqual([400, 'invalid_request']);
    expect(await errorOf(await send({ ...chat('Hi'), model: 'unknown' }))).toEqual([404, 'model_not_found']);
    const embedding = { connection: 'main', model: 'sandbox-embed' };
    const { body } = await admin('POST', '/datasets', { alias: 'handbook', embedding });
    const reader = await keyUnder(['*'], { scopes: ['datasets:read'] });
    const search = (dataset: string, query: object) =>
      post({ url: `${base()}/datasets/${dataset}/search`, secret: reader.secret, body: query });
    expect(await errorOf(await search(String(body.id), { query: 'Hi' }))).toEqual([403, 'target_not_allowed']);
    expect(await errorOf(await search('ds_AbsentAbsentAbsentAbsent', { query: 'Hi' }))).toEqual([404, 'not_found']);
    expect((await errorOf(await search(String(body.id), { unknown: 1 })))[0]).toBe(400);
  });

  it('is none of another key, nor of another tenant', async () => {
    const id = await ask('Private');
    const other = await platform.factory.key(acme);
    const foreign = await platform.factory.key(platform.acme);
    for (const { secret } of [other, foreign])
      for (const path of [`/approvals/${id}`, `/approvals/${id}/result`])
        expect(await errorOf(await get(path, secret))).toEqual([404, 'not_found']);
    const stranger = await tokenOf(platform.app, 'acme', 'owner');
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/approve'],
      ['POST', '/reject'],
    ] as const)
      expect((await admin(method, `/approvals/${id}${path}`, method === 'GET' ? undefined : {}, stranger)).status).toBe(404);
    expect((await admin('GET', '/approvals', undefined, stranger)).body.data).toEqual([]);
  });

  it('is decided by owners and managers alone, and recorded', async () => {
    const id = await ask('Decided');
    const viewer = await tokenOf(platform.app, 'approving', 'viewer');
    expect((await admin('POST', `/approvals/${id}/approve`, {}, viewer)).status).toBe(403);
    const operators = platform.app.operatorToken;
    expect((await admin('POST', `/approvals/${id}/approve?tenant=approving`, {}, operators)).body.error.code).toBe(
      'insufficient_role',
    );
    expect((await admin('GET', `/approvals/${id}?tenant=approving`, undefined, operators)).body.request).toBeNull();
    expect((await admin('GET', '/approvals?status=pending', undefined, viewer)).body.data[0]).toMatchObject({
      id,
      status: 'pending',
    });
    await admin('POST', `/approvals/${id}/reject`, {});
    const audit = await admin('GET', `/audit?tenant=approving&object_id=${id}`, undefined, operators);
    expect(audit.body.data).toMatchObject([{ action: 'reject', kind: 'approval', actor_role: 'manager' }]);
  });
});

describe('an approved call', () => {
  it('has paid its request when it was asked for, and pays what it takes when it runs', async () => {
    const key = await keyUnder(['chat.completions.create'], { limits: { requests_per_minute: 2 } });
    const id = await ask('Paid once', {}, key);
    expect(await usageOf(key)).toEqual([]);
    await approve(id);
    await until('it has run', async () => (await admin('GET', `/approvals/${id}`)).body.result !== null);
    const { request_id: requestId } = (await admin('GET', `/approvals/${id}`)).body.result as { request_id: string };
    await until('it is booked', async () => (await usageOf(key)).length === 1);
    expect(await usageOf(key)).toEqual([{ request_id: requestId, input: 1, output: 1 }]);
    await ask('Paid, too', {}, key);
    const third = await post({ url: `${base()}/chat/completions`, secret: key.secret, body: chat('Not paid') });
    expect(third.status).toBe(429);
  });

  it('waits for a place where its key has none, and is not lost', async () => {
    const key = await keyUnder(['embeddings.create'], { limits: { parallel_requests: 1 } });
    const refused = await post({ url: `${base()}/embeddings`, secret: key.secret, body: { model: 'assistant', input: 'Hi' } });
    const [id = ''] = /apr_\w{24}/.exec(await refused.text()) ?? [];
    let release: () => void = () => undefined;
    provider.answerWith((body, response) => {
      release = () => reply(response, body, { content: 'Late' });
    });
    const before = asked();
    const live = post({ url: `${base()}/chat/completions`, secret: key.secret, body: chat('Long') });
    await until('it runs', () => asked() === before + 1);
    await approve(id);
    await until('it was turned away', async () => {
      const row = await platform.factory.run((tx) => tx.approval.findFirst({ where: { id } }));
      return row?.attempts === 1 && row.state === 'approved';
    });
    provider.answerWith((_body, response) => {
      const data = [{ object: 'embedding', index: 0, embedding: [0.5] }];
      const usage = { prompt_tokens: 1, total_tokens: 1 };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data, model: 'm', usage }));
    });
    release();
    expect((await live).status).toBe(200);
    // While the call runs, the key has no place to ask after it.
    await until('it has run', async () => (await admin('GET', `/approvals/${id}`)).body.result !== null);
    const answer = await result(id, key.secret);
    provider.answerWith(defaultAnswer);
    expect([answer.status, await answer.json()]).toMatchObject([200, { object: 'list', model: 'assistant' }]);
  });

  it('is made once, however many processes look for it', async () => {
    const further = await startApp({ databaseUrl: platform.app.databaseUrl });
    try {
      const contents = Array.from({ length: 16 }, (_, at) => `Shared ${at}`);
      const ids = await Promise.all(contents.map((content) => ask(content)));
      const planes = [platform.app.adminUrl, further.adminUrl];
      const decided = ids.map((id, at) =>
        post({ url: `${planes[at % 2] ?? ''}/approvals/${id}/approve`, secret: manager, body: {} }),
      );
      expect((await Promise.all(decided)).map(({ status }) => status)).toEqual(ids.map(() => 200));
      for (const id of ids) expect((await result(id)).status).toBe(200);
      const times = contents.map((content) => provider.texts.filter((text) => text.includes(`"${content}"`)).length);
      expect(times).toEqual(contents.map(() => 1));
    } finally {
      await further.close();
    }
  });

  it('ends with an error where its provider breaks off', async () => {
    provider.answerWith((_body, response) => void response.destroy());
    const id = await ask('Broken');
    await approve(id);
    const answer = await result(id);
    provider.answerWith(defaultAnswer);
    expect(await errorOf(answer)).toEqual([502, 'upstream_error']);
  });

  it('may be one that nobody waits for: its result is the queued response', async () => {
    const key = await keyUnder(['responses.create']);
    const body = { model: 'assistant', input: 'Hi', background: true };
    const response = await post({ url: `${base()}/responses`, secret: key.secret, body });
    const [id = ''] = /apr_\w{24}/.exec(await response.text()) ?? [];
    await approve(id);
    const queued = (await (await result(id, key.secret)).json()) as { id: string; status: string };
    expect(queued.status).toBe('queued');
    expect((await get(`/responses/${queued.id}`, key.secret)).status).toBe(200);
  });

  it('is told to webhooks when it is asked for and when it is decided, without its body', async () => {
    const events = ['approval.requested', 'approval.decided'];
    const hook = await admin('POST', '/webhooks', { url: 'https://hooks.example.com/gt', events });
    const id = await ask('A secret of the body');
    await admin('POST', `/approvals/${id}/reject`, { reason: 'No.' });
    const told = await platform.factory.run((tx) =>
      tx.webhookDelivery.findMany({ where: { webhookId: hook.body.id as string }, orderBy: { createdAt: 'asc' } }),
    );
    const objects = told.map(({ event, payload }) => [event, (payload as { object: { id: string; status: string } }).object]);
    expect(objects).toMatchObject([
      ['approval.requested', { id, status: 'pending', model: 'assistant' }],
      ['approval.decided', { id, status: 'rejected', reason: 'No.' }],
    ]);
    expect(JSON.stringify(told)).not.toContain('A secret of the body');
    await admin('DELETE', `/webhooks/${hook.body.id as string}`);
  });

  it('is seen and decided on the command line', async () => {
    const env = { GT_ADMIN_URL: platform.app.adminUrl, GT_ADMIN_TOKEN: manager };
    const id = await ask('By hand');
    expect((await runCli(['approval', 'list', '--status', 'pending'], env)).out).toContain(id);
    expect((await runCli(['approval', 'get', id], env)).out).toContain('By hand');
    expect((await runCli(['approval', 'approve', id, '--reason', 'Fine'], env)).code).toBe(0);
    expect((await result(id)).status).toBe(200);
    expect(await runCli(['approval', 'reject', id], env)).toMatchObject({ code: 1 });
  });

  it('is kept for a day, and of what expires nothing is left', async () => {
    const late = await ask('Never decided');
    const id = await ask('Kept', { 'idempotency-key': 'kept' });
    await approve(id);
    await result(id);
    const past = new Date(Date.now() - 1000);
    await platform.factory.run(async (tx) => {
      await tx.approval.updateMany({ where: { id }, data: { keptUntil: past } });
      await tx.approval.updateMany({ where: { id: late }, data: { expiresAt: past } });
    });
    expect(await errorOf(await get(`/approvals/${id}/result`))).toEqual([410, 'approval_expired']);
    await platform.app.running.app.get(ApprovalWatchRepository, { strict: false }).expire();
    const parts = (ids: string[]) => platform.factory.run((tx) => tx.approvalPart.count({ where: { approvalId: { in: ids } } }));
    expect(await parts([id, late])).toBe(0);
    expect((await admin('GET', `/approvals/${late}`)).body).toMatchObject({ status: 'expired', request: null });
    expect(await ask('Kept', { 'idempotency-key': 'kept' })).not.toBe(id);
  });

  it('waits while the kept results of its tenant take all the room, and nothing further is held then', async () => {
    const roomy = await platform.factory.tenant('roomy', provider.url);
    const key = await platform.factory.key(roomy);
    await platform.factory.run((tx) =>
      tx.key.updateMany({ where: { id: key.id }, data: { approval: ['chat.completions.create'] } }),
    );
    const token = await tokenOf(platform.app, 'roomy', 'manager');
    const kept = await ask('Large', {}, key);
    const waits = await ask('Waits for room', {}, key);
    await admin('POST', `/approvals/${kept}/approve`, {}, token);
    await result(kept, key.secret);
    const fill = (resultBytes: number) =>
      platform.factory.run((tx) => tx.approval.updateMany({ where: { id: kept }, data: { resultBytes } }));
    const attempts = async () =>
      (await platform.factory.run((tx) => tx.approval.findFirstOrThrow({ where: { id: waits } }))).attempts;

    await fill(2 ** 30);
    const refused = await post({ url: `${base()}/chat/completions`, secret: key.secret, body: chat('One more') });
    expect(await errorOf(refused)).toEqual([429, 'rate_limit_exceeded']);
    await admin('POST', `/approvals/${waits}/approve`, {}, token);
    const later = await ask('Of a tenant with room');
    await approve(later);
    expect((await result(later)).status).toBe(200);
    expect([await attempts(), await statusOf(waits, key.secret)]).toEqual([0, 'approved']);

    await fill(100);
    expect((await result(waits, key.secret)).status).toBe(200);
    expect(await attempts()).toBe(1);
  });

  it('is not run when its stored body is not the one that was held', async () => {
    const before = asked();
    const id = await ask('Genuine');
    await platform.factory.run((tx) => tx.approval.updateMany({ where: { id }, data: { bodySha256: 'f'.repeat(64) } }));
    await approve(id);
    expect(await errorOf(await result(id))).toEqual([500, 'internal_error']);
    expect(asked()).toBe(before);
  });
});

/** Calls of a key that were booked. */
function usageOf(key: SeededKey) {
  return platform.factory.run(
    (tx) => tx.$queryRaw<object[]>`
      select request_id, input_tokens as input, output_tokens as output from usage_events where key_id = ${key.id}`,
  );
}

/** An approval as a response of HTTP. */
function rawApprove(id: string): Promise<Response> {
  return post({ url: `${platform.app.adminUrl}/approvals/${id}/approve`, secret: manager, body: {} });
}

describe('what is put under approval', () => {
  it('by a tenant holds for all of its keys', async () => {
    const owner = await tokenOf(platform.app, 'approving', 'owner');
    const key = await platform.factory.key(acme);
    await admin('PATCH', '/tenants/approving', { approval: ['POST /embeddings'] }, owner);
    await until('it holds', async () => {
      const response = await post({ url: `${base()}/embeddings`, secret: key.secret, body: { model: 'assistant', input: 'Hi' } });
      return response.status === 403;
    });
    const text = await (await get('/key', key.secret)).text();
    const own = JSON.parse(text) as { approval: string[]; held_routes: string[] };
    expect([own.approval, own.held_routes]).toEqual([[], ['embeddings.create']]);
    const explained = await admin('POST', `/keys/${key.id}/explain`, { method: 'POST', path: '/embeddings', model: 'assistant' });
    expect(explained.body).toMatchObject({ allowed: false, held: true, status: 403, code: 'approval_required' });
    expect(explained.body.steps.at(-1)).toMatchObject({ check: 'approval', ok: false });
    await admin('PATCH', '/tenants/approving', { approval: [] }, owner);
  });

  it('holds uploads and deletions as well, which run for the key that asked', async () => {
    const key = await keyUnder(['*']);
    const form = (text: string): FormData => {
      const fields = new FormData();
      fields.append('purpose', 'user_data');
      fields.append('file', new Blob([text]), 'notes.txt');
      return fields;
    };
    const upload = (text: string): Promise<Response> =>
      fetch(`${base()}/files`, { method: 'POST', headers: { authorization: `Bearer ${key.secret}` }, body: form(text) });
    const [first, again] = [await (await upload('Some notes.')).text(), await (await upload('Some notes.')).text()];
    const [id = ''] = /apr_\w{24}/.exec(first) ?? [];
    // Each sending has a boundary of its own: it is the same request all the same.
    expect(again).toContain(id);
    await approve(id);
    const file = (await (await result(id, key.secret)).json()) as { id: string; filename: string };
    expect(file.filename).toBe('notes.txt');
    const gone = await fetch(`${base()}/files/${file.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${key.secret}` },
    });
    const [deletion = ''] = /apr_\w{24}/.exec(await gone.text()) ?? [];
    expect((await get(`/files/${file.id}`, key.secret)).status).toBe(200);
    await approve(deletion);
    expect(await (await result(deletion, key.secret)).json()).toMatchObject({ id: file.id, deleted: true });
    expect((await get(`/files/${file.id}`, key.secret)).status).toBe(404);
  });

  it('holds what is asked for over a socket, which stays open', async () => {
    const key = await keyUnder(['responses.websocket']);
    const socket = await openSocket(base(), key.secret);
    provider.answerWith(answerOf(message('Said over a socket.')));
    const frame = { input: 'Over a socket' };
    const [refusal] = await socket.ask(frame);
    expect(refusal).toMatchObject({ type: 'error', status: 403, error: { code: 'approval_required' } });
    const [id = ''] = /apr_\w{24}/.exec((refusal as { error: { message: string } }).error.message) ?? [];
    expect((await socket.ask(frame))[0]).toEqual(refusal);
    expect((await socket.ask({ ...frame, generate: false })).at(-1)).toMatchObject({ type: 'response.completed' });
    socket.close();
    await approve(id);
    const answer = await result(id, key.secret);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await answer.text()).toContain('Said over a socket.');
    provider.answerWith(defaultAnswer);
  });

  it('holds no form beyond 20 MiB, and gives no id for it', async () => {
    const key = await keyUnder(['files.create']);
    const form = new FormData();
    form.append('purpose', 'user_data');
    form.append('file', new Blob([Buffer.alloc(20 * 1024 * 1024 + 1, 'a')]), 'large.txt');
    const response = await fetch(`${base()}/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}` },
      body: form,
    });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([403, 'approval_required']);
    expect(error.message).not.toContain('apr_');
  });

  it('holds a batch when a route of its lines is', async () => {
    const key = await keyUnder(['chat.completions.create']);
    const batch = (endpoint: string) =>
      post({
        url: `${base()}/batches`,
        secret: key.secret,
        body: { input_file_id: 'file-123456789012345678901234', endpoint, completion_window: '24h' },
      });
    expect((await errorOf(await batch('/v1/chat/completions')))[1]).toBe('approval_required');
    expect((await errorOf(await batch('/v1/embeddings')))[1]).not.toBe('approval_required');
  });
});

describe('a link to a held call', () => {
  const linked = async (id: string, member: string): Promise<ApiReply> => admin('POST', `/approvals/${id}/link`, { member });

  it('decides once, for its member, who is signed in', async () => {
    const { app } = platform;
    const [ada, bob] = [await invited(app, 'approving', 'manager'), await invited(app, 'approving', 'owner')];
    const id = await ask('By link');
    const { status, body: link } = await linked(id, ada.email);
    expect([status, link.approval, link.member]).toEqual([201, id, ada.memberId]);
    const { pathname, hash, origin } = new URL(link.url);
    expect([origin, pathname, hash]).toEqual([app.url, '/console/approval-link', expect.stringMatching(/^#gtap_\w{43}$/)]);

    // Whatever fetches the page learns and changes nothing.
    const page = await fetch(`${origin}${pathname}`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).not.toContain('By link');
    expect((await fetch(`${origin}${pathname}`, { method: 'POST' })).status).toBe(405);

    const ofAda = { tenant: 'approving', name: 'ada', role: 'manager', member: ada.memberId };
    const token = (await app.admin('POST', '/admin-tokens', ofAda)).body.secret as string;
    const decide = { link: link.url, decision: 'approve' };
    for (const path of ['/approval-links/show', '/approval-links/decide']) {
      const given = path.endsWith('show') ? { link: link.url } : decide;
      expect((await bob.browser.call('POST', path, given)).status).toBe(404);
      expect((await admin('POST', path, given, token)).body.error.code).toBe('session_required');
      expect((await ada.browser.from({ 'sec-fetch-site': 'cross-site' }).call('POST', path, given)).status).toBe(403);
    }
    const shown = await ada.browser.call('POST', '/approval-links/show', { link: link.url });
    expect([shown.status, shown.body.status]).toEqual([200, 'pending']);
    expect(shown.body.request.body).toContain('By link');
    expect(await statusOf(id)).toBe('pending');

    const decided = await Promise.all([1, 2, 3].map(() => ada.browser.call('POST', '/approval-links/decide', decide)));
    expect(decided.filter(({ status: one }) => one === 200)).toHaveLength(1);
    expect((await result(id)).status).toBe(200);
    expect((await ada.browser.call('POST', '/approval-links/decide', decide)).status).toBe(404);
    expect((await ada.browser.call('POST', '/approval-links/show', { link: link.url })).status).toBe(404);
    expect((await admin('GET', `/approvals/${id}`)).body.decided_by).toMatch(new RegExp(`^${ada.email} `));
  });

  it('ends with the call and with a newer link, and is made for those who may decide', async () => {
    const { app } = platform;
    const [ada, viewer] = [await invited(app, 'approving', 'manager'), await invited(app, 'approving', 'viewer')];
    const id = await ask('Rejected otherwise');
    for (const member of [viewer.email, 'nobody@example.com', 'mem_absent'])
      expect((await linked(id, member)).body.error.param).toBe('member');
    const [first, second] = [(await linked(id, ada.memberId)).body.url, (await linked(id, ada.memberId)).body.url];
    expect((await ada.browser.call('POST', '/approval-links/show', { link: first })).status).toBe(404);
    expect((await ada.browser.call('POST', '/approval-links/show', { link: second })).status).toBe(200);
    await admin('POST', `/approvals/${id}/reject`, {});
    expect((await ada.browser.call('POST', '/approval-links/decide', { link: second, decision: 'approve' })).status).toBe(404);
    expect((await linked(id, ada.memberId)).status).toBe(409);
    expect((await linked('apr_AbsentAbsentAbsentAbsent', ada.memberId)).status).toBe(404);
  });
});
