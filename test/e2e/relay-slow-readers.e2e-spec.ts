import { mkdtempSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { createMigratedDatabase } from '../support/app.js';
import { peakMemory } from '../support/peak-memory.js';
import { Factory, sandboxToken, type Sandbox, type SeededKey } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { post, until, user } from '../support/relay.js';
import { startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js';

const mebibyte = 1024 * 1024;
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const readers = isSoak ? 200 : 20;
const replyBytes = 60 * mebibyte;
/** In full it is what a platform has that sets nothing. */
const budget = (isSoak ? 512 : 64) * mebibyte;

const start = '{"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"';
const end = '"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}';

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let sandbox: Sandbox;
let provider: ScriptedProvider;
let factory: Factory;
let api: ProductProcess;
let slow: SeededKey;
let other: SeededKey;

beforeAll(async () => {
  database = await createMigratedDatabase();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  provider = await startScriptedProvider((response) => void longReply(response));
  factory = new Factory(database.url);
  slow = await factory.key(await factory.tenant('slow', provider.url));
  other = await factory.key(await factory.tenant('other', `${sandbox.url}/v1`));
  const settings = { GT_MAX_REPLIES_BYTES: String(budget) };
  api = await startProduct('main', { databaseUrl: database.url, dataDir: mkdtempSync(join(runFolder(), 'slow-')), settings });
});
afterAll(async () => {
  await api.stop();
  await factory.close();
  await provider.close();
  await sandbox.close();
  await database.drop();
});

/** A reply of 60 MiB, as fast as it is read. */
async function longReply(response: ServerResponse): Promise<void> {
  const piece = Buffer.alloc(256 * 1024, 'x');
  response.writeHead(200, { 'content-type': 'application/json' }).write(start);
  for (let written = 0; written < replyBytes && !response.destroyed; written += piece.length) {
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  response.end(end);
}

const url = (): string => `${api.url}/api/tenant/v1/chat/completions`;

/** Asks and reads nothing but the head of the answer. */
function ask(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${slow.secret}`, 'content-type': 'application/json' };
    const outgoing = httpRequest(new URL(url()), { method: 'POST', headers, agent: false });
    outgoing.once('response', (response) => resolve(response.pause())).once('error', reject);
    outgoing.end(JSON.stringify({ model: 'raw-chat', messages: [user('hi')] }));
  });
}

async function read(response: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  return bytes;
}

/** The status of a call of the other tenant, with what was said where it is not 200. */
async function askAsOther(): Promise<number | string> {
  const reply = await post({
    url: url(),
    secret: other.secret,
    body: { model: 'raw-chat', messages: [user('hello')] },
    // Ends a test that hangs. The readers share this process, so how long a call takes here says little.
    signal: AbortSignal.timeout(60_000),
  });
  const said = await reply.text();
  return reply.status === 200 ? 200 : `${reply.status} ${said}`;
}

it(`${readers} replies of 60 MiB that are read slowly cost bounded memory, and no other tenant's calls`, async () => {
  await until('the key is known', async () => (await askAsOther()) === 200);
  const before = peakMemory(api.pid);
  const open = await Promise.all(Array.from({ length: readers }, ask));
  expect(open.map(({ statusCode }) => statusCode)).toEqual(Array(readers).fill(200));

  // While all of them wait, whoever comes later is answered first.
  const answers: (number | string)[] = [];
  for (let call = 0; call < 50; call += 1) answers.push(await askAsOther());
  expect(answers).toEqual(Array(50).fill(200));
  expect(open.some(({ complete }) => complete)).toBe(false);

  const whole = start.length - '"m"'.length + '"raw-chat"'.length + replyBytes + end.length;
  // While all of them read, too, others are answered before the readers have everything.
  const reading = Promise.all(open.map(read));
  const meanwhile: (number | string)[] = [];
  for (let call = 0; call < 20; call += 1) {
    meanwhile.push(await askAsOther());
    if (call === 0) expect(open.every(({ complete }) => complete)).toBe(false);
  }
  expect(meanwhile).toEqual(Array(20).fill(200));
  expect(await reading).toEqual(Array(readers).fill(whole));

  // What is held, once more as garbage, and what lies in the sockets of each reader.
  expect(peakMemory(api.pid) - before).toBeLessThan(2 * budget + readers * mebibyte);
  expect(await askAsOther()).toBe(200);
}, 600_000);
