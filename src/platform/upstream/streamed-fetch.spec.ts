import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { EgressBench, until } from '../../../test/support/egress.js';
import { streamedFetch } from './streamed-fetch.js';

const bench = new EgressBench();
afterEach(() => bench.close());

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a streamed fetch', () => {
  it('sends method, path, headers and body, and gives status, headers and body', async () => {
    const provider = await bench.http((request, response) => {
      const { method, url, headers } = request;
      response.writeHead(201, { 'x-provider': 'yes', 'set-cookie': ['a=1', 'b=2'] });
      request.on('data', (chunk: Buffer) => response.write(`${method} ${url} ${headers['x-own']} ${chunk.toString()}`));
      request.on('end', () => response.end());
    });
    const fetch = streamedFetch(bench.client());
    const reply = await fetch(`${provider.origin}/a/b?c=d`, { method: 'POST', headers: { 'x-own': 'mine' }, body: '{"a":1}' });
    expect([reply.status, reply.headers.get('x-provider'), reply.headers.getSetCookie()]).toEqual([201, 'yes', ['a=1', 'b=2']]);
    expect(await reply.text()).toBe('POST /a/b?c=d mine {"a":1}');
  });

  it.each([
    ['a form', new URLSearchParams({ a: 'b c' }), 'application/x-www-form-urlencoded;charset=UTF-8 a=b+c'],
    ['bytes', new Uint8Array([65, 66]), 'undefined AB'],
    ['nothing', undefined, 'undefined '],
  ])('sends %s', async (_what, body, told) => {
    const provider = await bench.http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => response.end(`${request.headers['content-type']} ${Buffer.concat(chunks).toString()}`));
    });
    const reply = await streamedFetch(bench.client())(provider.origin, { method: 'POST', body: body ?? null });
    expect(await reply.text()).toBe(told);
  });

  it('gives a redirect and does not follow it', async () => {
    let asked = 0;
    const provider = await bench.http((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await streamedFetch(bench.client())(provider.origin)).status).toBe(302);
    expect(asked).toBe(1);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('decodes %s', async (encoding, encode) => {
    const provider = await bench.http((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(encode('said'.repeat(1_000)));
    });
    const reply = await streamedFetch(bench.client())(provider.origin);
    expect([await reply.text(), reply.headers.get('content-encoding')]).toEqual(['said'.repeat(1_000), null]);
  });

  it('refuses an encoding that it does not know', async () => {
    const provider = await bench.http((_request, response) => response.writeHead(200, { 'content-encoding': 'zip' }).end('x'));
    expect(await failureOf(streamedFetch(bench.client())(provider.origin))).toMatchObject({ kind: 'broken', sent: true });
  });

  it('goes nowhere that the policy does not allow', async () => {
    let asked = 0;
    const provider = await bench.http((_request, response) => response.end(String((asked += 1))));
    const fetch = streamedFetch(bench.client({ allow: 'false' }));
    expect(await failureOf(fetch(provider.origin))).toMatchObject({ name: 'EgressError', kind: 'refused', sent: false });
    expect(asked).toBe(0);
  });

  it('holds the limits of the egress client, before the head and after it', async () => {
    const silent = await bench.http(() => undefined);
    const halting = await bench.http((_request, response) => response.write('a'));
    const config = { GT_UPSTREAM_FIRST_BYTE_MS: 100, GT_UPSTREAM_IDLE_MS: 100 };
    const fetch = streamedFetch(bench.client({ config }));
    expect(await failureOf(fetch(silent.origin))).toMatchObject({ kind: 'timeout_first_byte' });
    const reply = await fetch(halting.origin);
    expect(await failureOf(reply.text())).toMatchObject({ kind: 'timeout_idle' });
  });

  it('fails a body that breaks off', async () => {
    const provider = await bench.raw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
    });
    const reply = await streamedFetch(bench.client())(provider.origin);
    expect(await failureOf(reply.text())).toMatchObject({ name: 'EgressError', kind: 'broken', sent: true });
  });

  it('stops the provider when it is aborted, before the head and after it', async () => {
    const open: ServerResponse[] = [];
    let closed = 0;
    const provider = await bench.http((request, response) => {
      open.push(response);
      response.on('close', () => (closed += 1));
      if (request.url === '/begun') response.write('a');
    });
    const fetch = streamedFetch(bench.client());
    const before = new AbortController();
    const waiting = failureOf(fetch(`${provider.origin}/silent`, { signal: before.signal }));
    await until(() => open.length === 1);
    before.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    const after = new AbortController();
    const reply = await fetch(`${provider.origin}/begun`, { signal: after.signal });
    const text = failureOf(reply.text());
    after.abort();
    expect(await text).toMatchObject({ name: 'AbortError' });
    await until(() => closed === 2);
  });

  it('stops the provider when the body is left', async () => {
    let closed = false;
    const provider = await bench.http((_request, response) => {
      response.on('close', () => (closed = true)).write('a');
    });
    const reply = await streamedFetch(bench.client())(provider.origin);
    await reply.body?.cancel();
    await until(() => closed);
  });

  it('reads no more than is asked for', async () => {
    let written = 0;
    const piece = Buffer.alloc(64 * 1024, 'x');
    const provider = await bench.http((_request, response) => {
      const write = (): void => {
        while (written < 500 && response.write(piece)) written += 1;
        if (written < 500) response.once('drain', write);
        else response.end();
        written += 1;
      };
      write();
    });
    const client = bench.client();
    const reply = await streamedFetch(client)(provider.origin);
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    // Two whole calls go by meanwhile: whoever reads on would have come far.
    for (let other = 0; other < 2; other += 1) await bench.barrier(client);
    expect(written).toBeLessThan(400);
    let bytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.length;
    expect(bytes).toBeGreaterThan(400 * piece.length);
  });

  it('ends a reply when who counts its bytes wants no more', async () => {
    let closed = false;
    const provider = await bench.http((_request, response) => {
      response.on('close', () => (closed = true)).write('a'.repeat(1_000));
    });
    const refusal = new Error('too many');
    const fetch = streamedFetch(bench.client(), {
      onBytes: () => {
        throw refusal;
      },
    });
    expect(await failureOf((await fetch(provider.origin)).text())).toBe(refusal);
    await until(() => closed);
  });
});
