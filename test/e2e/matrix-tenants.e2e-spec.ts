import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import type { ZodType } from 'zod';
import { adminRouteIds, adminRouteRow, type AdminRouteId } from '../../src/catalog/admin-routes.js';
import { routeIds, routeRow, type RouteId } from '../../src/catalog/routes.js';
import { contractScopes } from '../support/contract-table.js';
import { expectDescribed } from '../support/described.js';
import { tokenOf } from '../support/admin.js';
import { newId } from '../../src/kernel/ids.js';
import type { Scope } from '../../src/contracts/scopes.js';
import { exampleOf, freshName } from '../support/row-example.js';
import { invited } from '../support/sign-in.js';
import { until } from '../support/until.js';
import { sandboxToken, startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';

/** Parameters of a path by their names in the table. */
type Parameters = Readonly<Record<string, string>>;

/** One caller of either plane. */
interface Caller {
  readonly token: string;
  /** The cookie of somebody who is signed in, in place of the token. */
  readonly cookie?: string;
  /** For operators, who name the tenant they mean. */
  readonly query?: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headerNames: string;
}

let platform: TestPlatform;
let other: SeededTenant;
let mine: Caller;
let theirs: Caller;
/** Another key of my own tenant: what belongs to a key is as foreign to it as another tenant's. */
let neighbour: Caller;
let acmeOwner: Caller;
let otherOwner: Caller;
/** An owner of acme who is signed in. */
let acmeSession: Caller;

beforeAll(async () => {
  platform = await startPlatform();
  const { app, factory, acme, sandbox } = platform;
  other = await factory.tenant('other', `${sandbox.url}/v1`);
  const full = async (tenant: SeededTenant, name: string): Promise<Caller> => {
    const scopes = contractScopes.filter((scope) => scope !== 'inference:override') as Scope[];
    const body = { tenant: tenant.slug, name, purpose: 'inference', scopes, agents: ['*'], raw_models: ['*'], datasets: ['*'] };
    return { token: created(await app.admin('POST', '/keys', body))['secret'] as string };
  };
  mine = await full(acme, 'mine');
  neighbour = await full(acme, 'neighbour');
  theirs = await full(other, 'theirs');
  acmeOwner = { token: await tokenOf(app, 'acme', 'owner') };
  otherOwner = { token: await tokenOf(app, 'other', 'owner') };
  for (const [owner, slug] of [
    [acmeOwner, 'acme'],
    [otherOwner, 'other'],
  ] as const)
    await call('admin', owner, 'PATCH', `/tenants/${slug}`, { request_bodies: { days: 1 } });
  acmeSession = { token: '', cookie: (await invited(app, 'acme', 'owner')).browser.cookie ?? '' };
});
afterAll(() => platform.close());

function created({ status, body }: { readonly status: number; readonly body: unknown }): Record<string, unknown> {
  if (status !== 200 && status !== 201) throw new Error(`Not created: ${status} ${JSON.stringify(body)}`);
  return body as Record<string, unknown>;
}

const baseOf = { data: () => platform.app.baseUrl, admin: () => platform.app.adminUrl } as const;

async function call(
  plane: keyof typeof baseOf,
  caller: Caller,
  method: string,
  path: string,
  body?: object | (() => FormData),
): Promise<Answer> {
  const isForm = typeof body === 'function';
  const response = await fetch(baseOf[plane]() + path + (caller.query ?? ''), {
    method,
    headers: {
      ...(caller.cookie === undefined
        ? { authorization: `Bearer ${caller.token}` }
        : { cookie: caller.cookie, 'sec-fetch-site': 'same-origin' }),
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    body: isForm ? body() : body === undefined ? null : JSON.stringify(body),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isStream) await response.body?.cancel();
  const names = [...response.headers.keys()].filter((name) => name !== 'connection' && name !== 'keep-alive').sort();
  return { status: response.status, text: isStream ? '' : await response.text(), headerNames: names.join() };
}

async function make(
  plane: keyof typeof baseOf,
  caller: Caller,
  path: string,
  body: object | (() => FormData),
): Promise<Record<string, unknown>> {
  const { status, text } = await call(plane, caller, 'POST', path, body);
  return created({ status, body: JSON.parse(text) as unknown });
}

const form = (): FormData => {
  const data = new FormData();
  data.append('file', new Blob(['a text'], { type: 'text/plain' }), 'a.txt');
  return data;
};

const ownerOf = (caller: Caller): Caller => (caller === theirs ? otherOwner : acmeOwner);
const idOf = async (object: Promise<Record<string, unknown>>): Promise<string> => String((await object)['id']);

const conversation = async (caller: Caller): Promise<Parameters> => ({
  conversation_id: await idOf(make('data', caller, '/conversations', {})),
});
const message = { items: [{ type: 'message', role: 'user', content: 'hi' }] };
const conversationItem = async (caller: Caller): Promise<Parameters> => {
  const { conversation_id = '' } = await conversation(caller);
  const list = await make('data', caller, `/conversations/${conversation_id}/items`, message);
  return { conversation_id, item_id: String((list['data'] as { id: string }[])[0]?.id) };
};
const conversationFile = async (caller: Caller): Promise<Parameters> => {
  const { conversation_id = '' } = await conversation(caller);
  const within = (): FormData => {
    const data = form();
    data.append('conversation_id', conversation_id);
    return data;
  };
  return { conversation_id, file_id: await idOf(make('data', caller, '/conversations/files', within)) };
};
const completion = async (caller: Caller): Promise<Parameters> => {
  const body = { model: 'assistant', store: true, messages: [{ role: 'user', content: 'hi' }] };
  return { completion_id: await idOf(make('data', caller, '/chat/completions', body)) };
};
const dataset = async (caller: Caller): Promise<Parameters> => ({
  dataset_id: await idOf(
    make('admin', ownerOf(caller), '/datasets', {
      alias: freshName(),
      embedding: { connection: 'main', model: 'sandbox-embed' },
    }),
  ),
});
const datasetFile = async (caller: Caller): Promise<Parameters> => {
  const { dataset_id = '' } = await dataset(caller);
  return { dataset_id, file_id: await idOf(make('data', caller, `/datasets/${dataset_id}/files`, form)) };
};
const response = async (caller: Caller): Promise<Parameters> => ({
  response_id: await idOf(make('data', caller, '/responses', { model: 'raw-chat', input: 'hi', background: true })),
});
const vectorStore = async (caller: Caller): Promise<Parameters> => ({
  vector_store_id: await idOf(make('data', caller, '/vector_stores', {})),
});
const tenantForm = (): FormData => {
  const data = form();
  data.append('purpose', 'user_data');
  return data;
};
const batch = async (caller: Caller): Promise<Parameters> => {
  const input = (): FormData => {
    const data = new FormData();
    data.append('file', new Blob(['{}'], { type: 'application/jsonl' }), 'a.jsonl');
    data.append('purpose', 'batch');
    return data;
  };
  const input_file_id = await idOf(make('data', caller, '/files', input));
  const body = { input_file_id, endpoint: '/v1/embeddings', completion_window: '24h' };
  return { batch_id: await idOf(make('data', caller, '/batches', body)) };
};
const partForm = (): FormData => {
  const data = new FormData();
  data.append('data', new Blob(['a part']), 'a');
  return data;
};
/** An upload of two parts, one of which is there. */
const upload = async (caller: Caller): Promise<Parameters> => {
  const body = { filename: 'a.txt', purpose: 'user_data', bytes: 12, mime_type: 'text/plain' };
  const upload_id = await idOf(make('data', caller, '/uploads', body));
  return { upload_id, part_id: await idOf(make('data', caller, `/uploads/${upload_id}/parts`, partForm)) };
};
const tenantFile = async (caller: Caller): Promise<Parameters> => ({
  file_id: await idOf(make('data', caller, '/files', tenantForm)),
});
const storeFile = async (caller: Caller): Promise<Parameters> => {
  const { vector_store_id = '' } = await vectorStore(caller);
  const file = await tenantFile(caller);
  await make('data', caller, `/vector_stores/${vector_store_id}/files`, file);
  return { vector_store_id, ...file };
};
const fileBatch = async (caller: Caller): Promise<Parameters> => {
  const { vector_store_id = '' } = await vectorStore(caller);
  const { file_id = '' } = await tenantFile(caller);
  const body = { file_ids: [file_id] };
  return { vector_store_id, batch_id: await idOf(make('data', caller, `/vector_stores/${vector_store_id}/file_batches`, body)) };
};

type OwnBody = (caller: Caller, parameters: Parameters) => Promise<object>;

/** Bodies that name what is the caller's own. */
const ownBodies: Readonly<Partial<Record<RouteId, OwnBody>>> = {
  'uploads.parts.create': () => Promise.resolve(partForm),
  'uploads.complete': async (caller, { upload_id, part_id }) => {
    const { text } = await call('data', caller, 'POST', `/uploads/${upload_id}/parts`, partForm);
    return { part_ids: [part_id, (JSON.parse(text) as { id?: string }).id ?? 'part_absent'] };
  },
  'vector_stores.files.create': tenantFile,
  'vector_stores.file_batches.create': async (caller) => ({ file_ids: Object.values(await tenantFile(caller)) }),
};

/** A job that runs at the sandbox, as a worker would have left it. */
const tuningJob = async (caller: Caller, further: object = {}): Promise<Parameters> => {
  const { id: tenantId, connectionId } = caller === theirs ? other : platform.acme;
  const id = newId('fineTuningJob');
  const job = {
    ...{ tenantId, id, connectionId, keyId: 'key_x', model: 'raw-chat', baseModel: 'sandbox-chat', tunedName: `ft:${id}` },
    ...{ trainingFile: 'file-x', trainingKey: 'x', step: 'follow', status: 'running', sentAt: new Date() },
    ...{ providerJob: await jobAtSandbox(), nextAt: new Date(Date.now() + 3_600_000) },
    ...further,
  };
  await platform.factory.run((tx) => tx.fineTuningJob.create({ data: job }));
  return { fine_tuning_job_id: id };
};

async function jobAtSandbox(): Promise<string> {
  const client = new OpenAI({ baseURL: `${platform.sandbox.url}/v1`, apiKey: sandboxToken });
  const file = await client.files.create({
    file: await toFile(Buffer.from('[[stall:600000]]'), 'a.jsonl'),
    purpose: 'fine-tune',
  });
  return (await client.fineTuning.jobs.create({ model: 'sandbox-chat', training_file: file.id })).id;
}

/** A held call that was approved and has ended, as a run would have left it. */
const approval = async (caller: Caller): Promise<Parameters> => {
  const { text } = await call('data', caller, 'GET', '/key');
  const { id: tenantId } = caller === theirs ? other : platform.acme;
  const id = newId('approval');
  const asked = { keyId: (JSON.parse(text) as { id: string }).id, route: 'conversations.create', method: 'POST', path: '/' };
  const body = { requestHash: id, bodySha256: '', bodyBytes: 0, bodyParts: 0 };
  const later = new Date(Date.now() + 3_600_000);
  const end = { state: 'completed', status: 200, headers: {}, decidedAt: new Date(), keptUntil: later, expiresAt: later };
  await platform.factory.run((tx) => tx.approval.create({ data: { tenantId, id, ...asked, ...body, ...end } }));
  return { approval_id: id };
};

interface Maker {
  /** Makes what a path names by these parameters, as its owner would. */
  readonly makeObject: (owner: Caller) => Promise<Parameters>;
  /** It belongs to a key, not to the tenant. */
  readonly ofKey?: true;
}

/** How the things are made that paths name, by the parameters that name them; which rows name them is the table's to say. */
const makers: Readonly<Record<string, Maker>> = {
  model: {
    makeObject: async (owner) => {
      const name = freshName();
      await make('admin', ownerOf(owner), '/endpoints', { name, raw_model: { connection: 'main', model: 'sandbox-chat' } });
      await tuningJob(owner, {
        fineTunedModel: name,
        modelState: 'live',
        providerModel: 'ft:gone',
        status: 'succeeded',
        step: 'done',
      });
      return { model: name };
    },
  },
  completion_id: { makeObject: completion, ofKey: true },
  conversation_id: { makeObject: conversation, ofKey: true },
  'conversation_id, item_id': { makeObject: conversationItem, ofKey: true },
  'conversation_id, file_id': { makeObject: conversationFile, ofKey: true },
  response_id: { makeObject: response, ofKey: true },
  dataset_id: { makeObject: dataset },
  'dataset_id, file_id': { makeObject: datasetFile },
  vector_store_id: { makeObject: vectorStore },
  'vector_store_id, file_id': { makeObject: storeFile },
  'vector_store_id, batch_id': { makeObject: fileBatch },
  file_id: { makeObject: tenantFile },
  batch_id: { makeObject: batch },
  fine_tuning_job_id: { makeObject: (owner) => tuningJob(owner) },
  upload_id: { makeObject: upload },
  approval_id: { makeObject: approval, ofKey: true },
};

/** The maker of what a row's path names. @throws Error for a path whose object nobody here can make. */
function makerOf(path: string): Maker {
  const names = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name).join(', ');
  const maker = makers[names];
  if (maker === undefined) throw new Error(`Say in makers how {${names}} is made.`);
  return maker;
}

/** What a row takes: a file, its own example, or nothing. */
function payloadOf({
  body,
  request,
}: {
  readonly body: string;
  readonly request?: ZodType;
}): object | (() => FormData) | undefined {
  if (body === 'multipart') return form;
  return body === 'json' && request !== undefined ? exampleOf(request) : undefined;
}

/** The same form as the real ids, of something that never was. */
function absent(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, id]) => [
      name,
      id.replace(/[A-Za-z0-9]{12}$/, 'AbsentAbsent').replace(/^only-here-\d+$/, 'only-here-never'),
    ]),
  );
}

function filledIn(path: string, parameters: Parameters): string {
  return path.replace(/\{([a-z_]+)\}/g, (_whole, name: string) => parameters[name] ?? `{${name}}`);
}

/** The answer without what must differ: the ids that were asked for. */
function withoutIds({ status, text, headerNames }: Answer, ...used: readonly Parameters[]): Answer {
  const ids = used.flatMap((parameters) => Object.values(parameters));
  return { status, text: ids.reduce((rest, id) => rest.split(id).join('<id>'), text), headerNames };
}

/** The same answer, when OpenAPI describes it. */
function described(operationId: string, answer: Answer): Answer {
  expectDescribed(operationId, { status: answer.status, json: answer.status < 400 ? undefined : JSON.parse(answer.text) });
  return answer;
}

const idRows = (id: RouteId): boolean => routeRow(id).path.includes('{');

describe.each([...routeIds].filter(idRows).map((id) => [id]))('%s', (id) => {
  const row = routeRow(id);
  const { makeObject, ofKey } = makerOf(row.path);
  const ask = async (caller: Caller, parameters: Parameters): Promise<Answer> => {
    const body = (await ownBodies[id]?.(caller, parameters)) ?? payloadOf(row);
    return described(id, await call('data', caller, row.method, filledIn(row.path, parameters), body));
  };

  async function expectAsAbsent(caller: Caller, owner: Caller): Promise<void> {
    const foreign = await makeObject(owner);
    const never = absent(foreign);
    expect(Object.values(never)).not.toEqual(Object.values(foreign));
    const expected = withoutIds(await ask(caller, never), never);
    expect([expected.status, withoutIds(await ask(caller, foreign), foreign)]).toEqual([404, expected]);
    await expectMixedAsAbsent(caller, foreign, never);
    const own = await ask(owner, foreign);
    expect([own.status, own.status < 300]).toEqual([own.status, true]);
  }

  /** With an own object before it, a foreign one further down the path is absent too. */
  async function expectMixedAsAbsent(caller: Caller, foreign: Parameters, never: Parameters): Promise<void> {
    const names = Object.keys(foreign);
    if (names.length < 2) return;
    const own = await makeObject(caller);
    for (const name of names) {
      const [a, b] = [
        { ...own, [name]: foreign[name] ?? '' },
        { ...own, [name]: never[name] ?? '' },
      ];
      if (!row.path.includes(`{${name}}`)) continue;
      const expected = withoutIds(await ask(caller, b), b);
      expect([expected.status, withoutIds(await ask(caller, a), a)]).toEqual([404, expected]);
    }
  }

  it("answers another tenant's id exactly like an absent one, and its owner as before", () => expectAsAbsent(mine, theirs));

  if (ofKey === true) it("answers another key's id exactly like an absent one", () => expectAsAbsent(mine, neighbour));
});

describe('the lists of the data plane', () => {
  const lists = [...routeIds].filter(
    (id) => id !== 'responses.websocket' && routeRow(id).method === 'GET' && !routeRow(id).path.includes('{'),
  );

  it.each(lists.map((id) => [id]))('%s shows nothing of another tenant', async (id) => {
    const foreign = await Promise.all([
      conversationFile(theirs),
      datasetFile(theirs),
      tenantFile(theirs),
      completion(theirs),
      vectorStore(theirs),
      batch(theirs),
      makerOf('/models/{model}').makeObject(theirs),
    ]);
    const { status, text } = await call('data', mine, 'GET', routeRow(id).path);
    expect(status).toBe(200);
    for (const value of foreign.flatMap((parameters) => Object.values(parameters))) expect(text).not.toContain(value);
    expect(text).not.toContain(other.id);
  });
});

/**
 * Makes an object of a resource of the admin plane: its id, and the name that it may be asked for by. It is made by the row
 * `<resource>.create` with the row's own example. What no member of a tenant can make is named as it stands.
 */
async function makeAdminObject(resource: string, owner: Caller): Promise<readonly string[]> {
  const create = adminRouteIds.find((id) => id === `${resource}.create`);
  if (resource === 'tenants') return [other.id, other.slug];
  if (resource === 'runbook-runs') return [await runbookRun(owner)];
  if (resource === 'sessions') return [await memberSession(owner)];
  if (resource === 'approvals') return [await heldCall(owner)];
  if (resource === 'requests') return [await loggedCall(owner)];
  if (resource === 'files') return [await fileOfDataset(owner)];
  if (create === undefined) return ['abs_AbsentAbsentAbsentAbsent'];
  const { request, path } = adminRouteRow(create);
  if (request === undefined) throw new Error(`The row ${create} says nothing of its body.`);
  const auth = { mode: 'header_token', token: sandboxToken };
  const endpoint = resource === 'budgets' ? await freshEndpoint(owner) : undefined;
  const body = exampleOf(request, { base_url: `${platform.sandbox.url}/v1`, auth, model: freshName(), endpoint });
  const tenant = owner === otherOwner ? other.slug : 'acme';
  const { role, plane } = adminRouteRow(create);
  const object =
    role === 'operator'
      ? await make('admin', { token: platform.app.operatorToken }, path, plane === 'tenant' ? { ...body, tenant } : body)
      : await make('admin', owner, path, body);
  return [object['id'], object['name'], object['slug'], object['alias']].filter(
    (name) => typeof name === 'string' && name !== '',
  ) as string[];
}

/** A file that a member has put into a new dataset. */
async function fileOfDataset(owner: Caller): Promise<string> {
  const [id = ''] = await makeAdminObject('datasets', owner);
  return idOf(make('admin', owner, `/datasets/${id}/files`, form));
}

/** The name of an endpoint that has nothing yet: there is one budget of a kind for each. */
async function freshEndpoint(owner: Caller): Promise<string> {
  const name = freshName();
  await make('admin', owner, '/endpoints', { name, raw_model: { connection: 'main', model: 'sandbox-chat' } });
  return name;
}

/** A run of a runbook, as a worker would have left it: it is made by another resource's row. */
async function runbookRun(owner: Caller): Promise<string> {
  const { id: tenantId } = owner === otherOwner ? other : platform.acme;
  const id = newId('runbookRun');
  const asked = { runbook: 'cursor', origin: 'http://127.0.0.1:9', askedBy: 'x', askedRole: 'owner', requestId: 'req_x' };
  const end = { status: 'failed', error: 'No.', finishedAt: new Date() };
  await platform.factory.run((tx) => tx.runbookRun.create({ data: { tenantId, id, ...asked, ...end } }));
  return id;
}

/** A session of a new member, as a sign-in leaves it. */
async function memberSession(owner: Caller): Promise<string> {
  const { id: tenantId } = owner === otherOwner ? other : platform.acme;
  const [id, memberId] = [newId('session'), newId('member')];
  await platform.factory.run(async (tx) => {
    await tx.member.create({ data: { tenantId, id: memberId, email: `${memberId.toLowerCase()}@example.com`, role: 'viewer' } });
    const start = {
      hash: id,
      role: 'viewer',
      method: 'password',
      address: '127.0.0.1',
      expiresAt: new Date(Date.now() + 60_000),
    };
    await tx.session.create({ data: { tenantId, id, memberId, ...start } });
  });
  return id;
}

/** A call that is held. */
async function heldCall(owner: Caller): Promise<string> {
  const grants = { purpose: 'inference', scopes: ['conversations:write'], approval: ['*'] };
  const { secret } = await make('admin', owner, '/keys', { name: freshName(), ...grants });
  const { text } = await call('data', { token: String(secret) }, 'POST', '/conversations', {});
  return /apr_\w{24}/.exec(text)?.[0] ?? '';
}

/** A call of a key, when the request log shows it. */
async function loggedCall(owner: Caller): Promise<string> {
  const response = await fetch(`${platform.app.baseUrl}/models`, {
    headers: { authorization: `Bearer ${(owner === otherOwner ? theirs : mine).token}` },
  });
  const id = response.headers.get('x-gt-request-id') ?? '';
  for (const path of [`/requests/${id}`, `/requests/${id}/bodies`])
    await until(`${path} is there`, async () => (await call('admin', owner, 'GET', path)).status === 200);
  return id;
}

function resourceOf(id: AdminRouteId): string {
  return id.slice(0, id.indexOf('.'));
}

/** What belongs to no tenant: runbooks are the catalogue's (test/e2e/runbooks looks at what fills them in), prices and erasures the platform's. */
const ofNobody = ['runbooks', 'prices', 'erasures'];
/** Rows that name an object of a tenant. */
const ofObjects = adminRouteIds.filter((id) => adminRouteRow(id).path.includes('{') && !ofNobody.includes(resourceOf(id)));

describe.each(ofObjects.map((id) => [id]))('admin %s', (id) => {
  const row = adminRouteRow(id);
  const makeObject = (owner: Caller): Promise<readonly string[]> => makeAdminObject(resourceOf(id), owner);
  const ask = async (caller: Caller, name: string): Promise<Answer> =>
    described(`admin.${id}`, await call('admin', caller, row.method, filledIn(row.path, { id: name }), payloadOf(row)));

  async function expectAsAbsent(callers: readonly Caller[], status: number): Promise<void> {
    for (const name of await makeObject(otherOwner)) {
      const never = absent({ id: name })['id'] === name ? 'absent' : (absent({ id: name })['id'] ?? '');
      for (const caller of callers) {
        const expected = withoutIds(await ask(caller, never), { id: never });
        expect([name, expected.status, withoutIds(await ask(caller, name), { id: name })]).toEqual([name, status, expected]);
      }
    }
  }

  if (row.role === 'operator') {
    it('is for operators: a member of a tenant learns nothing from the id', () => expectAsAbsent([acmeOwner, acmeSession], 403));
    return;
  }

  it("answers another tenant's id and name exactly like absent ones", () => expectAsAbsent([acmeOwner, acmeSession], 404));

  if (resourceOf(id) !== 'tenants') {
    it('lets an operator reach an object only through its own tenant', async () => {
      await expectAsAbsent([{ token: platform.app.operatorToken, query: '?tenant=acme' }], 404);
    });
  }

  it('still answers its owner', async () => {
    if (id === 'tenants.update') return expect((await ask(otherOwner, other.slug)).status).toBe(200);
    const [ownId = ''] = await makeObject(otherOwner);
    const { status, text } = await ask(otherOwner, ownId);
    // The form of a route that takes a file holds a text: what is read of it comes after what is looked for. A connection that
    // does not log in says so to its owner, and so does a key that nobody has used.
    const isFound =
      (row.body === 'multipart' && status === 415) ||
      (status === 400 && id === 'approvals.link' && text.includes('"param":"member"')) ||
      (status === 400 && text.includes('"param":"auth.mode"')) ||
      (status === 409 && id === 'keys.narrow');
    expect([status, text, status < 300 || isFound]).toEqual([status, text, true]);
  });
});

describe('the lists of the admin plane', () => {
  const lists = adminRouteIds.filter(
    (id) => adminRouteRow(id).method === 'GET' && adminRouteRow(id).plane === 'tenant' && !adminRouteRow(id).path.includes('{'),
  );

  it.each(lists.map((id) => [id]))('%s shows nothing of another tenant', async (id) => {
    const foreign: string[] = [];
    const resources = adminRouteIds.filter((one) => one.endsWith('.create')).map(resourceOf);
    for (const resource of new Set([...resources, 'runbook-runs', 'sessions', 'requests']))
      foreign.push(...(await makeAdminObject(resource, otherOwner)));
    const { path } = adminRouteRow(id);
    for (const caller of [acmeOwner, acmeSession]) {
      const { status, text } = await call('admin', caller, 'GET', path);
      // A tenant has a sign-in of its own or not: acme has none.
      expect(status).toBe(id === 'oidc.get' ? 404 : 200);
      for (const name of foreign.filter((value) => value !== other.slug)) expect(text).not.toContain(`"${name}"`);
      expect((await call('admin', { ...caller, query: '?tenant=other' }, 'GET', path)).status).toBe(404);
      expect((await call('admin', { ...caller, query: '?tenant=absent' }, 'GET', path)).status).toBe(404);
    }
  });
});
