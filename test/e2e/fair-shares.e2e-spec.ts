import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CallPlaces } from '../../src/platform/upstream/call-places.js';
import { post, until, user } from '../support/relay.js';
import { publishOn, startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';

/** Calls to providers in one process; a share of them is four. */
const places = 12;

let platform: TestPlatform;
let provider: ScriptedProvider;
let greedy: SeededKey;
let other: SeededKey;
/** Calls of the greedy tenant that its provider has not answered. */
const held: ServerResponse[] = [];

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_MAX_UPSTREAM_CALLS: String(places) } });
  provider = await startScriptedProvider((response) => void held.push(response));
  const { factory, acme, sandbox } = platform;
  await publishOn(platform, provider.url, 'slow');
  greedy = await factory.key(acme);
  other = await factory.key(await factory.tenant('other', `${sandbox.url}/v1`));
});
afterAll(async () => {
  await provider?.close();
  await platform.close();
});

const ask = ({ secret }: SeededKey, model: string) =>
  post({ url: `${platform.app.baseUrl}/chat/completions`, secret, body: { model, messages: [user('hi')] } });

const answer = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  model: 'provider-slow',
  choices: [{ index: 0, message: { role: 'assistant', content: 'late' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

function release(response: ServerResponse | undefined): void {
  response?.writeHead(200, { 'content-type': 'application/json' }).end(answer);
}

/** So many calls at once, and the statuses of those that have been answered. */
function flood(count: number) {
  const statuses: number[] = [];
  const calls = Array.from({ length: count }, async () => {
    const reply = await ask(greedy, 'slow');
    await reply.arrayBuffer();
    statuses.push(reply.status);
  });
  /** Answers all that comes until nothing is left. */
  const end = async (): Promise<void> => {
    let isOver = false;
    const over = Promise.all(calls).then(() => (isOver = true));
    await until('all are answered', () => {
      for (const response of held.splice(0)) release(response);
      return isOver;
    });
    await over;
  };
  return { statuses, end };
}

describe('a tenant with hundreds of calls that its provider does not answer', () => {
  it('has all places while it is the only one, and the first that it leaves goes to the other', async () => {
    const { statuses, end } = flood(200);
    await until('all places are taken', () => held.length === places);
    const single = ask(other, 'assistant');
    await until('it waits as well', () => platform.app.running.app.get(CallPlaces).waiting === 200 - places + 1);
    release(held.shift());
    expect((await single).status).toBe(200);
    await end();
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  });

  it('leaves a share free for others, who are answered while it waits', async () => {
    const { statuses, end } = flood(200);
    await until('its places are taken', () => held.length === places - 4);
    for (const model of ['assistant', 'assistant']) expect((await ask(other, model)).status).toBe(200);
    expect([held.length, statuses]).toEqual([places - 4, []]);
    await end();
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  });
});
