import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ExchangeTools } from '../../src/modules/inference/exchange/exchange-tools.js';
import { FilesBench } from '../support/files.js';
import type { SeededKey, SeededTenant } from '../support/platform.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

const mebibyte = 1024 * 1024;
/** More than the sockets between two processes of one machine hold. */
const longest = 12 * mebibyte;

let bench: FilesBench;

beforeAll(async () => {
  bench = await FilesBench.start({ GT_MAX_REPLIES_BYTES: String(4 * longest) });
});
afterAll(() => bench.close());

const held = (): number => bench.platform.app.running.app.get(ExchangeTools, { strict: false }).replies.heldBytes;

/** A response in the background that has ended, with an event of nearly a mebibyte and a long one behind it. */
async function longResponse(tenant: SeededTenant, key: SeededKey): Promise<string> {
  const { id } = await openai(bench.url, key).responses.create({ model: 'assistant', input: 'Hi', background: true });
  const type = 'response.output_text.delta';
  const events = [mebibyte, longest].map((bytes, at) => {
    const number = 2 + at;
    const event = { type, sequence_number: number, item_id: 'm', output_index: 0, content_index: 0, delta: '' };
    const delta = 'x'.repeat(bytes - JSON.stringify(event).length);
    return { tenantId: tenant.id, responseId: id, sequenceNumber: number, type, event: JSON.stringify({ ...event, delta }) };
  });
  await bench.platform.factory.run(async (tx) => {
    await tx.responseEvent.createMany({ data: events });
    const ended = { state: 'completed', lastNumber: 3, body: null, sentAt: new Date() };
    await tx.backgroundResponse.updateMany({ where: { id }, data: ended });
  });
  return id;
}

/** Asks for the events and reads nothing but the head of the answer. */
function follow(id: string, { secret }: SeededKey): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(`${bench.url}/responses/${id}?stream=true`);
    const outgoing = httpRequest(url, { headers: { authorization: `Bearer ${secret}` }, agent: false });
    outgoing.once('response', (response) => resolve(response.pause())).once('error', reject);
    outgoing.end();
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const isWhole = (text: string): boolean => text.length > longest + mebibyte && text.includes('"sequence_number":3');

it('events that clients read slowly count against the tenant’s share of all replies, and page by page', async () => {
  const tenant = await bench.otherTenant('slow');
  const key = await bench.platform.factory.key(tenant);
  const id = await longResponse(tenant, key);
  const slow = [await follow(id, key), await follow(id, key)];
  await until('both hold their long event, and nothing besides', () => held() === 2 * longest);
  const refused = await read(await follow(id, key));
  expect(isWhole(refused)).toBe(false);
  expect(refused).toContain('"code":"overloaded"');
  const other = await bench.otherTenant('other');
  const otherKey = await bench.platform.factory.key(other);
  expect(isWhole(await read(await follow(await longResponse(other, otherKey), otherKey)))).toBe(true);
  const [first, second] = slow;
  first?.destroy();
  expect(second === undefined ? false : isWhole(await read(second))).toBe(true);
  await until('nothing is held any more', () => held() === 0);
  expect(isWhole(await read(await follow(id, key)))).toBe(true);
}, 120_000);
