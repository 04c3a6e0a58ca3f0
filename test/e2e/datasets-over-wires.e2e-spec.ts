import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import type { GeminiProvider } from '../support/gemini-provider.js';
import { startGeminiSandbox } from '../support/gemini-sandbox.js';
import { sdkToken, startSdkProvider, type SdkProvider, type SdkWire } from '../support/sdk-provider.js';
import { sayingWires } from '../support/sdk-sayings.js';

/** Datasets whose passages are embedded by providers of other wires. */
let bench: FilesBench;
let gemini: GeminiProvider;
let sdk: SdkProvider;
let key: { readonly secret: string };

const wires = Object.keys(sayingWires) as SdkWire[];
const nameOf = (wire: string): string => wire.replace(':', '-');
const model = 'amazon.titan-embed-text-v2:0';

beforeAll(async () => {
  bench = await FilesBench.start();
  [gemini, sdk] = [await startGeminiSandbox(bench.platform.sandbox), await startSdkProvider()];
  const connect = async (name: string, wire: string, base_url: string, token: string) => {
    const connection = { tenant: 'acme', name, wire, base_url, auth: { mode: 'header_token', token } };
    expect((await bench.platform.app.admin('POST', '/connections', connection)).status).toBe(201);
  };
  await connect('gemini', 'gemini', gemini.url, 'provider-key');
  const settings = { chunk_tokens: 64, overlap_tokens: 0 };
  await bench.dataset('gemini', 'acme', { embedding: { connection: 'gemini', model: 'sandbox-embed' }, ...settings });
  for (const wire of wires) {
    await connect(nameOf(wire), wire, sdk.baseUrl(wire), sdkToken);
    await bench.dataset(nameOf(wire), 'acme', { embedding: { connection: nameOf(wire), model }, ...settings });
  }
  key = await bench.key();
  await bench.worker();
});
afterAll(async () => {
  await bench.close();
  await sdk.close();
  await gemini.close();
});

const lamps = Array.from({ length: 400 }, (_unused, at) => `Sentence ${at} tells of lamp number ${at}.\n`).join('\n');

async function put(dataset: string): Promise<string> {
  const { id } = await bench.accepted(key.secret, `/datasets/${dataset}/files`, { name: 'lamps.txt', bytes: lamps });
  expect(await bench.ended(key.secret, id)).toMatchObject({ status: 'ready', gt: { error: null } });
  return id;
}

/** What the platform's own calls over the connection were booked as. */
async function bookedOver(connection: string): Promise<{ state: string; source: string; input_tokens: number }[]> {
  const { body } = await bench.platform.app.admin('GET', '/usage?tenant=acme&limit=100');
  const { data } = body as { data: { endpoint: string; state: string; source: string; input_tokens: number }[] };
  return data.filter(({ endpoint }) => endpoint.startsWith(`${connection}/`));
}

describe('a dataset that is embedded over Gemini', () => {
  it('finds passages by their meaning, and asks for no more texts at once than Google takes', async () => {
    const id = await put('gemini');
    const reply = await bench.call(key.secret, 'POST', '/datasets/gemini/search', { query: 'lamp number 377' });
    expect(reply.status).toBe(200);
    const [first] = (reply.body as { data: { file_id: string; text: string }[] }).data;
    expect(first).toMatchObject({ file_id: id, text: expect.stringContaining('lamp number 377') });
    const sizes = gemini.asked.map(({ body }) => (body['requests'] as object[]).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(sizes.at(-1)).toBe(1);
  });

  it('fails its file with the reason where the key is wrong', async () => {
    const auth = { mode: 'header_token', token: 'provider-key', header: 'x-other' };
    const connection = { tenant: 'acme', name: 'wrong', wire: 'gemini', base_url: gemini.url, auth };
    expect((await bench.platform.app.admin('POST', '/connections', connection)).status).toBe(201);
    await bench.dataset('wrong', 'acme', { embedding: { connection: 'wrong', model: 'sandbox-embed' } });
    const { id } = await bench.accepted(key.secret, '/datasets/wrong/files', { name: 'a.txt', bytes: 'A text.' });
    const ended = await bench.ended(key.secret, id);
    expect(ended).toMatchObject({ status: 'failed', gt: { error: { message: expect.any(String) } } });
    expect(JSON.stringify(ended)).not.toMatch(/127\.0\.0\.1|provider-key/);
  });
});

describe.each(wires)('a dataset that is embedded over %s', (wire) => {
  it('takes files and questions, and books its calls', async () => {
    const id = await put(nameOf(wire));
    const reply = await bench.call(key.secret, 'POST', `/datasets/${nameOf(wire)}/search`, { query: 'lamp' });
    expect(reply).toMatchObject({
      status: 200,
      body: { data: expect.arrayContaining([expect.objectContaining({ file_id: id })]) },
    });
    await bench.eventually(async () => {
      const booked = await bookedOver(nameOf(wire));
      expect(booked.some(({ state, source }) => state === 'completed' && source === 'upstream')).toBe(true);
    });
  });
});
