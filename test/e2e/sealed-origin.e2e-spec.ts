import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call } from '../support/app.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post, until } from '../support/relay.js';
import { openSocket, type SocketClient } from '../support/response-socket.js';
import { answerOf, message } from '../support/responses-provider.js';

type Item = Record<string, unknown>;

const compaction = { id: 'cmp_provider', type: 'compaction', encrypted_content: 'made-now' };
const brought = [
  { role: 'user', content: 'Hi' },
  { type: 'reasoning', summary: [], encrypted_content: 'thought-elsewhere' },
  { type: 'compaction', encrypted_content: 'summed-elsewhere' },
  { role: 'assistant', content: 'Yes?' },
];
const all = 'thought-elsewhere summed-elsewhere';

let platform: TestPlatform;
let provider: RecordingProvider;

/** A provider that takes whatever it is given; what has no `store` asks for a compaction. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  provider.answerWith((body, response) => answerOf('store' in body ? message('Hello.') : compaction)(body, response));
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

/** What the provider was given that is sealed. */
const sent = (): string =>
  (provider.bodies.at(-1)?.['input'] as Item[]).flatMap((item) => item['encrypted_content'] ?? []).join(' ');

describe.each(['openai', 'responses'])('over %s, what a client brings that a provider has sealed', (wire) => {
  const shown: string[] = [];
  let secret: string;
  let socket: SocketClient;
  let move: () => Promise<void>;

  beforeAll(async () => {
    const tenant = await platform.factory.tenant(`bringing-${wire}`, provider.url);
    await platform.factory.wire(tenant, wire);
    ({ secret } = await platform.factory.key(tenant));
    socket = await openSocket(platform.app.baseUrl, secret);
    move = async () => {
      await platform.factory.run((tx) =>
        tx.endpoint.updateMany({ where: { tenantId: tenant.id, name: 'raw-chat' }, data: { model: 'newer' } }),
      );
      await until('the model has changed', async () => {
        await send('/responses', { input: 'Hi' });
        return provider.bodies.at(-1)?.['model'] === 'newer';
      });
    };
  });
  afterAll(() => socket.close());

  const told = async (answer: Response) => {
    const text = await answer.text();
    shown.push(text);
    const left = answer.headers.get('x-gt-items-left-out');
    return { status: answer.status, left, body: JSON.parse(text) as Record<string, never> };
  };
  const send = async (path: string, body: object) =>
    told(await post({ url: platform.app.baseUrl + path, secret, body: { model: 'raw-chat', ...body } }));
  const get = async (path: string) =>
    told(await fetch(platform.app.baseUrl + path, { headers: { authorization: `Bearer ${secret}` } }));

  it('is kept as its model’s: it goes back to that one, and to no other that the endpoint leads to later', async () => {
    const first = await send('/responses', { input: brought });
    expect([first.status, sent()]).toEqual([200, all]);
    const { id } = (await call(`${platform.app.baseUrl}/conversations`, 'POST', secret, {})).body;
    await send('/responses', { input: brought, conversation: id });
    const kept = (await get(`/responses/${String(first.body['id'])}/input_items`)).body['data'] as unknown as Item[];
    const thought = kept.find(({ type }) => type === 'reasoning');
    const input = [{ type: 'item_reference', id: thought?.['id'] }, brought[3], { role: 'user', content: 'More' }];
    const ways: readonly [string, object, string][] = [
      ['/responses', { input: 'More', previous_response_id: first.body['id'] }, all],
      ['/responses', { input: 'More', conversation: id }, all],
      ['/responses', { input }, 'thought-elsewhere'],
      ['/responses/compact', { previous_response_id: first.body['id'] }, all],
      ['/responses/compact', { conversation: id }, all],
    ];
    for (const [path, body, back] of ways) {
      const { status, left } = await send(path, body);
      expect([path, status, left, sent()]).toEqual([path, 200, null, back]);
    }
    await move();
    for (const [path, body, back] of ways) {
      const { status, left } = await send(path, body);
      expect([path, status, left, sent()]).toEqual([path, 200, back === all ? 'reasoning, compaction' : 'reasoning', '']);
    }
    // Who brings it himself says that it belongs there.
    expect([(await send('/responses', { input: brought })).left, sent()]).toEqual([null, all]);
    await get(`/conversations/${String(id)}/items`);
    expect(shown.join()).toContain('thought-elsewhere');
    for (const texts of [shown, provider.texts]) expect(texts.join()).not.toContain('gt_chat');
  });

  it.each<[string, readonly object[]]>([
    ['as it is', brought],
    ['with an item that the platform does not know', [...brought, { type: 'unheard_of' }]],
  ])('is remembered by a socket in the same way, %s', async (_how, input) => {
    await move();
    const model = 'assistant';
    const first = await socket.ask({ model, input, store: false });
    const { id } = first.at(-1).response;
    const asked = { model, input: 'More', store: false, previous_response_id: id };
    await socket.ask(asked);
    expect(sent()).toBe(all);
    const elsewhere = await socket.ask({ ...asked, model: 'raw-chat' });
    expect([elsewhere.at(-1).type, sent()]).toEqual(['response.completed', '']);
    expect(JSON.stringify(socket.events)).not.toContain('gt_chat');
  });
});
