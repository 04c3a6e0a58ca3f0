import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, type ApiReply } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { openai } from '../support/relay.js';

/** What a key has made, by which a body can name it. */
interface Made {
  readonly response: string;
  readonly item: string;
  readonly conversation: string;
}

let platform: TestPlatform;
let key: SeededKey;
/** Of another key of the tenant, and of a key of another tenant. */
const made = new Map<string, Made>();

beforeAll(async () => {
  platform = await startPlatform();
  const { factory, acme, sandbox } = platform;
  key = await factory.key(acme);
  made.set('another key', await make(await factory.key(acme)));
  made.set('another tenant', await make(await factory.key(await factory.tenant('foreign', `${sandbox.url}/v1`))));
});
afterAll(() => platform.close());

async function make(owner: SeededKey): Promise<Made> {
  const client = openai(platform.app.baseUrl, owner);
  const { id: response, output } = await client.responses.create({ model: 'assistant', input: 'hello' });
  const { id: conversation } = await client.conversations.create();
  return { response, item: output[0]?.id ?? '', conversation };
}

const doors: readonly (readonly [string, object])[] = [
  ['/responses', {}],
  ['/responses', { background: true }],
  ['/responses', { stream: true }],
  ['/responses/compact', {}],
  ['/responses/input_tokens', {}],
];
const places: readonly (readonly [keyof Made, (id: string) => object])[] = [
  ['response', (id) => ({ input: 'x', previous_response_id: id })],
  ['item', (id) => ({ input: [{ type: 'item_reference', id }] })],
  ['conversation', (id) => ({ input: 'x', conversation: id })],
  ['conversation', (id) => ({ input: 'x', conversation: { id } })],
];

const told = ({ status, body }: ApiReply, id: string): string =>
  JSON.stringify([status, { ...body, error: { ...body.error, message: String(body.error?.message) } }]).replaceAll(id, '<id>');

describe.each(['another key', 'another tenant'])('an id of %s in a body', (owner) => {
  const cases = doors.flatMap(([path, more]) =>
    places.map(([kind, body]) => [`${path} ${JSON.stringify(more)}`, kind, path, more, body] as const),
  );

  it.each(cases)('of %s, a %s, is answered like an absent one', async (_name, kind, path, more, body) => {
    const foreign = made.get(owner)?.[kind] ?? '';
    // The same form and length: only what it names differs.
    const absent = foreign.slice(0, -6) + (foreign.endsWith('aaaaaa') ? 'bbbbbb' : 'aaaaaa');
    const ask = (id: string) =>
      call(platform.app.baseUrl + path, 'POST', key.secret, { model: 'assistant', ...more, ...body(id) });
    const [given, none] = [await ask(foreign), await ask(absent)];
    expect(given.status).toBeGreaterThanOrEqual(400);
    expect(told(given, foreign)).toBe(told(none, absent));
  });
});
