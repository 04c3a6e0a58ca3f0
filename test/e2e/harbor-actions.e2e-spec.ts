import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { harborManifest, type HarborManifest } from '../../src/contracts/harbor.js';
import { faultsOfAnswer } from '../support/answer-faults.js';
import { faults, type Schema, type Schemas } from '../support/schema-faults.js';
import { TuningBench } from '../support/tuning.js';

/** The actions of the OpenAI port in Harbor: each with its method, path and body mode. */
const actions = `
list-models GET /models none
get-model GET /models/{model} none
get-response GET /responses/{response_id} none
list-response-input-items GET /responses/{response_id}/input_items none
list-files GET /files none
get-file GET /files/{file_id} none
get-file-content GET /files/{file_id}/content none
list-batches GET /batches none
get-batch GET /batches/{batch_id} none
list-vector-stores GET /vector_stores none
get-vector-store GET /vector_stores/{vector_store_id} none
list-fine-tuning-jobs GET /fine_tuning/jobs none
get-fine-tuning-job GET /fine_tuning/jobs/{fine_tuning_job_id} none
list-fine-tuning-events GET /fine_tuning/jobs/{fine_tuning_job_id}/events none
list-fine-tuning-checkpoints GET /fine_tuning/jobs/{fine_tuning_job_id}/checkpoints none
delete-fine-tuned-model DELETE /models/{model} none
create-response POST /responses json
delete-response DELETE /responses/{response_id} none
cancel-response POST /responses/{response_id}/cancel none
compact-response POST /responses/compact json
count-response-input-tokens POST /responses/input_tokens json
create-embedding POST /embeddings json
create-image POST /images/generations json
create-speech POST /audio/speech json
create-moderation POST /moderations json
create-completion POST /completions json
delete-file DELETE /files/{file_id} none
create-batch POST /batches json
cancel-batch POST /batches/{batch_id}/cancel none
create-upload POST /uploads json
complete-upload POST /uploads/{upload_id}/complete json
cancel-upload POST /uploads/{upload_id}/cancel none
create-vector-store POST /vector_stores json
update-vector-store POST /vector_stores/{vector_store_id} json
delete-vector-store DELETE /vector_stores/{vector_store_id} none
search-vector-store POST /vector_stores/{vector_store_id}/search json
create-fine-tuning-job POST /fine_tuning/jobs json
cancel-fine-tuning-job POST /fine_tuning/jobs/{fine_tuning_job_id}/cancel none
pause-fine-tuning-job POST /fine_tuning/jobs/{fine_tuning_job_id}/pause none
resume-fine-tuning-job POST /fine_tuning/jobs/{fine_tuning_job_id}/resume none
`
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [action: string, method: string, path: string, body: 'none' | 'json']);

/** What a call names in its path, and what it sends. */
interface Given {
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: object;
}

let bench: TuningBench;
let manifest: HarborManifest;

beforeAll(async () => {
  bench = await TuningBench.start();
  await bench.files.worker();
  const { factory, acme } = bench.files.platform;
  await factory.rawModel(acme, 'raw-all', 'sandbox-all');
  manifest = harborManifest.parse(await (await send('GET', '/harbor/manifest')).json());
}, 120_000);
afterAll(() => bench.close());

const send = (method: string, path: string, body?: object) =>
  fetch(bench.files.url + path, {
    method,
    headers: {
      authorization: `Bearer ${bench.key.secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });

/** Calls with what the manifest says of the port, and the key that a node has for itself. */
const asNode = (method: string, path: string, body: object | undefined) =>
  fetch(manifest.port.baseUrl + path.slice(1), {
    method,
    headers: {
      [manifest.port.authHeaderName]: `${manifest.port.authTokenPrefix} ${bench.key.secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });

async function idOf(path: string, body: object): Promise<string> {
  const reply = await send('POST', path, body);
  const made = (await reply.json()) as { id: string };
  if (!reply.ok) throw new Error(`${path}: ${JSON.stringify(made)}`);
  return made.id;
}

async function file(purpose: string, text = 'Some text.'): Promise<string> {
  const { body } = await bench.files.upload(bench.key.secret, '/files', { name: 'a.jsonl', bytes: text, fields: { purpose } });
  return (body as { id: string }).id;
}

const model = 'raw-chat';
const response = async (further = {}) => ({
  path: { response_id: await idOf('/responses', { model, input: 'Hi', ...further }) },
});
const fileGiven = async () => ({ path: { file_id: await file('user_data') } });
const line = {
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model, messages: [{ role: 'user', content: 'Hi' }] },
};
const batchBody = async () => {
  const input_file_id = await file('batch', JSON.stringify(line));
  return { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' };
};
const batch = async () => ({ path: { batch_id: await idOf('/batches', await batchBody()) } });
const uploadBody = { purpose: 'user_data', filename: 'a.txt', bytes: 5, mime_type: 'text/plain' };
const store = async (body?: object) => ({
  path: { vector_store_id: await idOf('/vector_stores', { name: 'one' }) },
  ...(body === undefined ? {} : { body }),
});
const runningJob = async () => {
  const { id } = await bench.create({}, '[[stall:60000]]');
  await bench.untilJob(id, 'runs', ({ status }) => status === 'running');
  return { path: { fine_tuning_job_id: id } };
};
const anyJob = async () => ({ path: { fine_tuning_job_id: (await bench.create()).id } });

/** What each action needs, made as a client makes it. */
const needs: Readonly<Record<string, () => Given | Promise<Given>>> = {
  'get-model': () => ({ path: { model } }),
  'get-response': () => response(),
  'list-response-input-items': () => response(),
  'get-file': fileGiven,
  'get-file-content': fileGiven,
  'get-batch': batch,
  'get-vector-store': () => store(),
  'get-fine-tuning-job': anyJob,
  'list-fine-tuning-events': anyJob,
  'list-fine-tuning-checkpoints': anyJob,
  'delete-fine-tuned-model': async () => {
    const { id } = await bench.create();
    return { path: { model: (await bench.ended(id, 60_000)).fine_tuned_model ?? '' } };
  },
  'create-response': () => ({ body: { model, input: 'Hi' } }),
  'delete-response': () => response(),
  'cancel-response': () => response({ background: true }),
  'compact-response': () => ({ body: { model, input: 'Hi' } }),
  'count-response-input-tokens': () => ({ body: { model, input: 'Hi' } }),
  'create-embedding': () => ({ body: { model: 'raw-all', input: 'Hi' } }),
  'create-image': () => ({ body: { model: 'raw-all', prompt: 'A house' } }),
  'create-speech': () => ({ body: { model: 'raw-all', input: 'Hi', voice: 'alloy' } }),
  'create-moderation': () => ({ body: { model: 'raw-all', input: 'Hi' } }),
  'create-completion': () => ({ body: { model, prompt: 'Hi' } }),
  'delete-file': fileGiven,
  'create-batch': async () => ({ body: await batchBody() }),
  'cancel-batch': batch,
  'create-upload': () => ({ body: uploadBody }),
  'complete-upload': async () => {
    const upload_id = await idOf('/uploads', uploadBody);
    const form = new FormData();
    form.append('data', new Blob(['Hello']), 'part');
    const authorization = `Bearer ${bench.key.secret}`;
    const part = await fetch(`${bench.files.url}/uploads/${upload_id}/parts`, {
      method: 'POST',
      headers: { authorization },
      body: form,
    });
    return { path: { upload_id }, body: { part_ids: [((await part.json()) as { id: string }).id] } };
  },
  'cancel-upload': async () => ({ path: { upload_id: await idOf('/uploads', uploadBody) } }),
  'create-vector-store': () => ({ body: { name: 'one' } }),
  'update-vector-store': () => store({ name: 'two' }),
  'delete-vector-store': () => store(),
  'search-vector-store': () => store({ query: 'text' }),
  'create-fine-tuning-job': async () => ({ body: { model, training_file: await bench.training() } }),
  'cancel-fine-tuning-job': anyJob,
  'pause-fine-tuning-job': runningJob,
  'resume-fine-tuning-job': async () => {
    const given = await runningJob();
    await bench.client.fineTuning.jobs.pause(given.path.fine_tuning_job_id);
    return given;
  },
};

/** What the manifest of the key says of an action. */
const actionOf = (slug: string) => {
  const action = manifest.actions.find((candidate) => candidate.slug === slug);
  if (action === undefined) throw new Error(`The manifest has no action ${slug}.`);
  return action;
};

describe('the actions of the OpenAI port in Harbor', () => {
  it('are 40, each in the manifest of the key with its method, path and body mode', () => {
    expect(actions).toHaveLength(40);
    for (const [slug, method, path, requestBodyMode] of actions)
      expect(actionOf(slug)).toMatchObject({ method, path, requestBodyMode, resultMode: 'json_summary' });
  });

  it.each(actions)(
    '%s: %s %s with the body mode %s',
    async (slug) => {
      const { method, path, requestBodyMode, input, resultSummary } = actionOf(slug);
      const given = (await needs[slug]?.()) ?? {};
      expect(given.body === undefined).toBe(requestBodyMode === 'none');
      expect(faults((input['$defs'] ?? {}) as Schemas, input as Schema, given, slug)).toEqual([]);
      const at = path.replaceAll(/\{([a-z_]+)\}/g, (_whole, name: string) => encodeURIComponent(given.path?.[name] ?? name));
      const reply = await asNode(method, at, given.body);
      const text = await reply.text();
      const isJson = reply.headers.get('content-type')?.startsWith('application/json');
      expect([slug, isJson]).toEqual([slug, resultSummary === undefined]);
      expect([reply.status, reply.ok ? '' : text]).toEqual([200, '']);
      expect(text.length).toBeGreaterThan(0);
      if (isJson === true) expect(faultsOfAnswer('tenant', method, path, JSON.parse(text))).toEqual([]);
      if (slug.startsWith('list-')) expect(JSON.parse(text)).toMatchObject({ object: 'list', data: expect.any(Array) });
      if (method === 'DELETE') expect(JSON.parse(text)).toMatchObject({ deleted: true });
    },
    90_000,
  );
});
