import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

/** So many texts the provider takes in one call. */
const most = 10;
const said = `At most ${most} inputs in one call, says http://embed.inside.example:9000/v1 to sk-inside-4242secret.`;

let server: Server;
let bench: FilesBench;
let key: { readonly secret: string };
let sizes: number[] = [];
let refusing = most;

async function embed(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input } = JSON.parse(await text(request)) as { input: string[] };
  sizes.push(input.length);
  response.setHeader('content-type', 'application/json');
  if (input.length > refusing) response.writeHead(400).end(JSON.stringify({ error: { message: said } }));
  else response.end(JSON.stringify({ data: input.map((_text, index) => ({ index, embedding: [1, 0, index] })) }));
}

beforeAll(async () => {
  server = createServer((request, response) => void embed(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  bench = await FilesBench.start();
  key = await bench.key();
});
afterAll(async () => {
  await bench.close();
  server.closeAllConnections();
  server.close();
});

/** A connection to the provider, and a dataset on it; both have this name. Of a new one no process has learned anything. */
interface Place {
  readonly name: string;
  readonly connectionId: string;
}

async function newPlace(name: string): Promise<Place> {
  const { port } = server.address() as AddressInfo;
  const base_url = `http://127.0.0.1:${port}/v1`;
  const { body } = await bench.platform.app.admin('POST', '/connections', { tenant: 'acme', name, base_url });
  await bench.dataset(name, 'acme', {
    embedding: { connection: name, model: 'embed-1' },
    chunk_tokens: 64,
    overlap_tokens: 0,
  });
  return { name, connectionId: (body as { id: string }).id };
}

/** Uploads a file of more than twenty passages; gives the sizes of the calls that its vectors took. */
async function callsOfFile(place: Place, name: string): Promise<number[]> {
  sizes = [];
  const bytes = Array.from({ length: 120 }, (_unused, at) => `Sentence ${at} of ${name} tells of lamp number ${at}.\n`).join(
    '\n',
  );
  const { id } = await bench.accepted(key.secret, `/datasets/${place.name}/files`, { name: `${name}.txt`, bytes });
  expect(await bench.ended(key.secret, id)).toMatchObject({ status: 'ready', gt: { error: null } });
  return sizes;
}

interface Shown {
  readonly embedding_batch_learned: { readonly size: number; readonly learned_at: number } | null;
}

const shown = async ({ connectionId }: Place): Promise<Shown> =>
  (await bench.platform.app.admin('GET', `/connections/${connectionId}?tenant=acme`)).body as Shown;
const change = ({ connectionId }: Place, body: object) =>
  bench.platform.app.admin('PATCH', `/connections/${connectionId}`, { tenant: 'acme', ...body });

describe('a limit that a provider refuses beyond', () => {
  let first: Place;
  let worker: ProductProcess;
  let size = 0;

  beforeAll(async () => {
    first = await newPlace('small');
    worker = await bench.worker();
  });

  it('does not fail the file, and the connection tells it with the sentence, without the host and the key', async () => {
    const { connectionId } = first;
    const before = await bench.platform.factory.run((tx) => tx.connection.findFirst({ where: { id: connectionId } }));
    const calls = await callsOfFile(first, 'first');
    expect(calls[0]).toBeGreaterThan(most);
    size = calls.find((texts) => texts <= most) ?? 0;
    const found = await shown(first);
    expect(found).toMatchObject({
      embedding_batch_size: null,
      embedding_batch_learned: { size, model: 'embed-1', learned_at: expect.any(Number) },
    });
    expect(found.embedding_batch_learned).toHaveProperty(
      'message',
      `At most ${most} inputs in one call, says [removed] to [removed]`,
    );
    const { body } = await bench.platform.app.admin('GET', '/connections?tenant=acme&name=small');
    // The worker tells what it has called every now and then, between the two looks as well.
    expect(body.data).toEqual([{ ...found, health: expect.anything() }]);
    const after = await bench.platform.factory.run((tx) => tx.connection.findFirst({ where: { id: connectionId } }));
    expect(after?.updatedAt).toEqual(before?.updatedAt);
  });

  it('is where another process begins', async () => {
    await worker.kill();
    await bench.worker();
    const told = await shown(first);
    const calls = await callsOfFile(first, 'second');
    expect(Math.max(...calls)).toBe(size);
    expect(await shown(first)).toEqual(told);
  });

  it.each([
    ['a size that is set', { embedding_batch_size: 3 }],
    ['learning that is set again', { embedding_batch_size: null }],
    ['another address', { base_url: 'http://127.0.0.1:9/v1' }],
    ['another path of embeddings', { paths: { embeddings: '/vectors' } }],
  ])('is forgotten with %s, and with nothing else', async (what, body) => {
    const place = await newPlace(what.replaceAll(' ', '-'));
    await callsOfFile(place, what);
    expect((await shown(place)).embedding_batch_learned).toMatchObject({ size: expect.any(Number) });
    expect((await change(place, { wire: 'chat' })).body.embedding_batch_learned).not.toBeNull();
    expect((await change(place, body)).body.embedding_batch_learned).toBeNull();
  });

  it('and is cleared is forgotten by the process that learned it', async () => {
    const place = await newPlace('cleared');
    await callsOfFile(place, 'learning');
    await callsOfFile(place, 'learned');
    await change(place, { embedding_batch_size: null });
    refusing = Infinity;
    const largest = async (): Promise<number> => Math.max(...(await callsOfFile(place, `lifted ${Math.random()}`)));
    await until('the provider is asked for more at once', async () => ((await largest()) > most ? true : undefined));
    expect((await shown(place)).embedding_batch_learned).toBeNull();
  });
});
