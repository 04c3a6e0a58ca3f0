import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post, until } from '../support/relay.js';
import { answerOf, message, reasoning } from '../support/responses-provider.js';

type Item = Record<string, unknown>;

const ran = { id: 'ci_p', type: 'code_interpreter_call', status: 'completed', code: '1', container_id: 'cntr_p', outputs: [] };
const sealed = (id: string) => ({ ...reasoning(`opaque-${id}`), id });
const output = [sealed('rs_1'), ran, sealed('rs_2'), message('It is 1.')];

let platform: TestPlatform;
let provider: RecordingProvider;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

/** Answers like OpenAI, which takes no reasoning without what followed it. */
beforeEach(() =>
  provider.answerWith((body, response) => {
    const given = body['input'];
    const input = Array.isArray(given) ? (given as Item[]) : [];
    const alone = input.find(({ type }, at) => type === 'reasoning' && !isAnswer(input[at + 1]));
    if (alone === undefined) return answerOf(...output)(body, response);
    const error = { message: "Item of type 'reasoning' was provided without its required following item.", code: null };
    return response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  }),
);
const isAnswer = (item: Item | undefined): boolean =>
  item !== undefined && (item['role'] === 'assistant' || ['reasoning', ran.type].includes(String(item['type'])));

const hi = { role: 'user', content: 'Hi' };
const said = (): unknown[] =>
  (provider.bodies.at(-1)?.['input'] as Item[]).map((item) => item['encrypted_content'] ?? item['role'] ?? item['type']);

describe.each(['openai', 'responses'])('over %s, the call of a tool whose container the provider does not have', (wire) => {
  let tenant: SeededTenant;
  let key: SeededKey;
  const ask = (body: object) =>
    post({ url: `${platform.app.baseUrl}/responses`, secret: key.secret, body: { model: 'boxed', ...body } });

  beforeAll(async () => {
    tenant = await platform.factory.tenant(`boxing-${wire}`, provider.url);
    await platform.factory.wire(tenant, wire);
    await platform.factory.alias(tenant, 'boxed', { hosted_tools: ['code_interpreter'] });
    await platform.factory.rawModel(tenant, 'moving', 'first-model');
    key = await platform.factory.key(tenant);
  });

  it('goes with what the model thought before it, and the rest is answered', async () => {
    const items = [hi, ...output];
    const { body: made } = await call(`${platform.app.baseUrl}/conversations`, 'POST', key.secret, { items });
    const answer = await ask({ input: 'More', conversation: made.id });
    expect([answer.status, answer.headers.get('x-gt-items-left-out')]).toEqual([200, 'code_interpreter_call, reasoning']);
    expect(said()).toEqual(['user', 'opaque-rs_2', 'assistant', 'user']);
  });

  it('stays with what the model thought while the container is there', async () => {
    const answer = (await (await ask({ input: 'Hi', store: false, include: ['reasoning.encrypted_content'] })).json()) as {
      readonly output: Item[];
    };
    const again = await ask({ input: [hi, ...answer.output, hi], store: false });
    expect([again.status, again.headers.has('x-gt-items-left-out')]).toEqual([200, false]);
    expect(said()).toEqual(['user', 'opaque-rs_1', 'code_interpreter_call', 'opaque-rs_2', 'assistant', 'user']);
  });

  it('goes in the same way where the client brings it back to an endpoint that has left its model', async () => {
    const asked = { model: 'moving', store: false };
    const first = (await (await ask({ ...asked, input: 'Hi' })).json()) as { readonly output: Item[] };
    await platform.factory.run((tx) =>
      tx.endpoint.updateMany({ where: { tenantId: tenant.id, name: 'moving' }, data: { model: 'second-model' } }),
    );
    const later = await until('the model has changed', async () => {
      const answer = await ask({ ...asked, input: [hi, ...first.output, hi] });
      return provider.bodies.at(-1)?.['model'] === 'second-model' && answer;
    });
    expect([later.status, later.headers.get('x-gt-items-left-out')]).toEqual([200, 'code_interpreter_call, reasoning']);
    expect(said()).toEqual(['user', 'opaque-rs_2', 'assistant', 'user']);
  });
});
