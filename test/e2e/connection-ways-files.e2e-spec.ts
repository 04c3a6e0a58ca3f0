import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import { listen, type Listening } from '../support/listening.js';
import { connectProxy, type TestProxy } from '../support/proxies.js';

let bench: FilesBench;
let provider: Listening;
let proxy: TestProxy;
/** Ports from which the provider was called: one for each tunnel, and no others. */
let peers: Set<number | undefined>;

beforeAll(async () => {
  peers = new Set();
  provider = await listen((text, request, response) => {
    peers.add(request.socket.remotePort);
    const { input } = JSON.parse(text) as { input: string | string[] };
    const data = [input].flat().map((_text, index) => ({ object: 'embedding', index, embedding: [1, 0, index] }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }));
  });
  proxy = await connectProxy();
  bench = await FilesBench.start();
  await bench.worker();
});
afterAll(async () => {
  await bench.close();
  await provider.close();
  proxy.close();
});

it('a file is embedded through the proxy of its connection, by a worker', async () => {
  const body = {
    tenant: 'acme',
    name: 'proxied',
    base_url: provider.url,
    proxy: { url: `http://127.0.0.1:${proxy.port}` },
    embedding_batch_size: 4,
  };
  expect((await bench.platform.app.admin('POST', '/connections', body)).status).toBe(201);
  await bench.dataset('proxied', 'acme', {
    embedding: { connection: 'proxied', model: 'embed-1' },
    chunk_tokens: 64,
    overlap_tokens: 0,
  });
  const key = await bench.key();
  const bytes = Array.from({ length: 60 }, (_unused, at) => `Sentence ${at} tells of lamp number ${at}.\n`).join('\n');
  const { id } = await bench.accepted(key.secret, '/datasets/proxied/files', { name: 'lamps.txt', bytes });
  expect(await bench.ended(key.secret, id)).toMatchObject({ status: 'ready', gt: { error: null } });
  expect(new Set(proxy.asked)).toEqual(new Set([new URL(provider.url).host]));
  expect(peers.size).toBe(proxy.asked.length);
});
