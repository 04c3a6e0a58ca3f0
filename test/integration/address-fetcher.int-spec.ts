import type http from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { AppError, overloaded } from '../../src/kernel/app-error.js';
import { AddressFetcher, NotFetchedError, publicEgress, type FetchUse } from '../../src/platform/upstream/address-fetcher.js';
import type { EgressConfig } from '../../src/platform/upstream/egress-client.js';
import { EgressRefusedError } from '../../src/platform/upstream/egress-policy.js';
import { addresses, until } from '../support/egress.js';
import { contents, giveContents, startPictureServer, type PictureServer } from '../support/picture-server.js';

const config: EgressConfig = {
  GT_UPSTREAM_CONNECT_MS: 10_000,
  GT_UPSTREAM_FIRST_BYTE_MS: 20_000,
  GT_UPSTREAM_IDLE_MS: 20_000,
  GT_UPSTREAM_TOTAL_MS: 25_000,
  GT_SHUTDOWN_GRACE_MS: 0,
};
const everything: ReadonlySet<string> = new Set(Object.keys(contents));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function use(further: Partial<FetchUse> = {}): FetchUse {
  return { types: everything, count: () => undefined, signal: new AbortController().signal, ...further };
}

/** The fetcher as the product has it; names have these addresses. */
function productFetcher(...answers: string[]): { fetcher: AddressFetcher; asked: string[] } {
  const asked: string[] = [];
  const egress = publicEgress(config, (name) => {
    asked.push(name);
    return Promise.resolve(addresses(...answers));
  });
  const fetcher = new AddressFetcher(egress);
  closers.push(() => fetcher.onApplicationShutdown());
  return { fetcher, asked };
}

async function server(listener: http.RequestListener): Promise<PictureServer & { fetcher: AddressFetcher }> {
  const started = await startPictureServer(listener);
  closers.push(() => started.close());
  return { ...started, fetcher: new AddressFetcher(started.client) };
}

async function failureOf(fetching: Promise<unknown>): Promise<unknown> {
  return fetching.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const refused = (cause: unknown): boolean =>
  cause instanceof NotFetchedError && (cause.cause as Error | undefined) instanceof EgressRefusedError;

describe('where the product fetches', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
  ])('refuses https://%s before it connects', async (host) => {
    const { fetcher, asked } = productFetcher('93.184.216.34');
    expect(refused(await failureOf(fetcher.fetch(`https://${host}/a.png`, use())))).toBe(true);
    expect(asked).toEqual([]);
  });

  it('refuses every address of private networks, however it is written', async () => {
    const { fetcher } = productFetcher('93.184.216.34');
    const ranges = [
      '10.0.0.0/8',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '0.0.0.0/8',
    ];
    const inRange = fc.tuple(fc.constantFrom(...ranges), fc.nat(0xffffffff)).map(([range, random]) => {
      const [base, bits] = ipaddr.IPv4.parseCIDR(range);
      const fixed = Buffer.from(base.toByteArray()).readUInt32BE();
      const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
      return ((fixed & mask) | (random & ~mask)) >>> 0;
    });
    const written = fc.constantFrom<(address: number) => string>(
      (address) => String(address),
      (address) => `0x${address.toString(16)}`,
      (address) => `0${address.toString(8)}`,
      (address) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.'),
      (address) => `${[24, 16, 8, 0].map((shift) => `0${((address >>> shift) & 255).toString(8)}`).join('.')}.`,
      (address) => `[::ffff:${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}]`,
      (address) => `[64:ff9b::${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}]`,
    );
    await fc.assert(
      fc.asyncProperty(inRange, written, async (address, write) => {
        expect(refused(await failureOf(fetcher.fetch(`https://${write(address)}/`, use())))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each([['127.0.0.1'], ['10.0.0.1', '::1'], ['169.254.169.254'], ['::ffff:10.0.0.1'], ['fd00::1']])(
    'refuses a name that leads to %s at the moment of connecting, whatever it led to before',
    async (...answers) => {
      const { fetcher, asked } = productFetcher(...answers);
      expect(refused(await failureOf(fetcher.fetch('https://rebind.example.com/', use())))).toBe(true);
      expect(asked).toEqual(['rebind.example.com']);
    },
  );

  it.each([
    'http://pictures.example.com/',
    'https://pictures.example.com:8443/',
    'https://user@pictures.example.com/',
    'https://user:pass@pictures.example.com/',
    'ftp://pictures.example.com/',
    'file:///etc/passwd',
    'data:image/png;base64,AA==',
    '//pictures.example.com/',
    'https://',
    '',
  ])('looks no name up for %s', async (address) => {
    const { fetcher, asked } = productFetcher('93.184.216.34');
    expect(await failureOf(fetcher.fetch(address, use()))).toBeInstanceOf(NotFetchedError);
    expect(asked).toEqual([]);
  });

  it('looks no name up for an address that is longer than any is', async () => {
    const { fetcher, asked } = productFetcher('93.184.216.34');
    const address = `https://pictures.example.com/${'a'.repeat(8_192)}`;
    expect(await failureOf(fetcher.fetch(address, use()))).toBeInstanceOf(NotFetchedError);
    expect(asked).toEqual([]);
  });
});

describe('what is fetched', () => {
  it.each(Object.entries(contents))('is %s by its content, whatever its server says', async (mediaType, bytes) => {
    const { fetcher, at } = await server((_request, response) => response.setHeader('content-type', 'text/html').end(bytes));
    expect(await fetcher.fetch(at('/a'), use())).toEqual({ mediaType, bytes });
  });

  it.each([
    ['a page', Buffer.from('<!doctype html><p>Secret')],
    ['JSON', Buffer.from('{"secret":1}')],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['nothing', Buffer.alloc(0)],
    ['an archive', Buffer.from('PK\u0003\u0004')],
    ['half a signature', contents['image/png'].subarray(0, 4)],
  ])('is not %s, though its server calls it a picture', async (_what, bytes) => {
    const { fetcher, at } = await server((_request, response) => response.setHeader('content-type', 'image/png').end(bytes));
    expect(await failureOf(fetcher.fetch(at('/a.png'), use()))).toBeInstanceOf(NotFetchedError);
  });

  it('is of a wanted type', async () => {
    const { fetcher, at } = await server(giveContents);
    const images = use({ types: new Set(['image/png']) });
    expect(await failureOf(fetcher.fetch(at('/application/pdf'), images))).toBeInstanceOf(NotFetchedError);
    expect((await fetcher.fetch(at('/image/png'), images)).mediaType).toBe('image/png');
  });

  it('is asked for without anything that tells who asks', async () => {
    const { fetcher, at, asked } = await server(giveContents);
    await fetcher.fetch(`${at('/image/png?size=1')}#part`, use());
    const [request] = asked;
    expect([request?.method, request?.url]).toEqual(['GET', '/image/png?size=1']);
    expect(request?.headers).toEqual({
      host: expect.stringContaining('pictures.example.com'),
      connection: 'keep-alive',
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'gt-api',
    });
  });
});

describe('a fetch that fails', () => {
  it('follows no redirect', async () => {
    const inner = await server(giveContents);
    const { fetcher, at } = await server((_request, response) =>
      response.writeHead(302, { location: inner.at('/image/png') }).end(contents['image/png']),
    );
    expect(await failureOf(fetcher.fetch(at('/'), use()))).toBeInstanceOf(NotFetchedError);
    expect(inner.connections()).toBe(0);
  });

  it.each([204, 206, 304, 401, 404, 500])('takes nothing of an answer with %s', async (status) => {
    const { fetcher, at } = await server((_request, response) => response.writeHead(status).end(contents['image/png']));
    expect(await failureOf(fetcher.fetch(at('/'), use()))).toBeInstanceOf(NotFetchedError);
  });

  it.each(['gzip', 'br', 'x-unknown'])('unpacks nothing that is encoded as %s, and reads no more of it', async (encoding) => {
    let closed = false;
    const bomb = gzipSync(Buffer.alloc(1024 * 1024));
    const { fetcher, at } = await server((_request, response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200, { 'content-encoding': encoding }).write(bomb);
    });
    let counted = 0;
    expect(await failureOf(fetcher.fetch(at('/'), use({ count: (bytes) => (counted += bytes) })))).toBeInstanceOf(
      NotFetchedError,
    );
    await until(() => closed);
    expect(counted).toBe(0);
  });

  it.each([true, false])('stops at what is counted as too much, with its length told: %s', async (isTold) => {
    let closed = false;
    const piece = Buffer.concat([contents['image/png'], Buffer.alloc(64 * 1024)]);
    const { fetcher, at } = await server((_request, response) => {
      response.on('close', () => (closed = true));
      if (isTold) response.setHeader('content-length', piece.length * 1_000);
      response.write(piece);
    });
    let left = 64 * 1024;
    const count = (bytes: number): void => {
      left -= bytes;
      if (left < 0) throw new NotFetchedError('too large');
    };
    expect(await failureOf(fetcher.fetch(at('/'), use({ count })))).toBeInstanceOf(NotFetchedError);
    await until(() => closed);
  });

  it('tells that there is no room only for what it would have given', async () => {
    const full = use({
      count: () => {
        throw overloaded();
      },
    });
    const { fetcher, at } = await server((request, response) => {
      response.write(request.url === '/page' ? '<p>Secret' : contents['image/png']);
    });
    expect(await failureOf(fetcher.fetch(at('/page'), full))).toBeInstanceOf(NotFetchedError);
    expect(await failureOf(fetcher.fetch(at('/picture'), full))).toMatchObject({ code: 'overloaded' });
  });

  it.each(['before it answers', 'while it drips'])('ends when it is aborted, for a server that is slow %s', async (when) => {
    const stop = new AbortController();
    const reason = new AppError('request_timeout');
    let closed = false;
    const { fetcher, at } = await server((_request, response) => {
      response.on('close', () => (closed = true));
      if (when === 'before it answers') stop.abort(reason);
      else response.write(contents['image/png'].subarray(0, 10));
    });
    const count = (): void => stop.abort(reason);
    expect(await failureOf(fetcher.fetch(at('/'), use({ signal: stop.signal, count })))).toBe(reason);
    await until(() => closed);
    expect(await failureOf(fetcher.fetch(at('/'), use({ signal: stop.signal })))).toBe(reason);
  });

  it('fails for a server that breaks off, and for one whose certificate is for another name', async () => {
    const { fetcher, at, asked } = await server((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write(contents['image/png'], () => response.destroy());
    });
    expect(await failureOf(fetcher.fetch(at('/'), use()))).toBeInstanceOf(NotFetchedError);
    expect(await failureOf(fetcher.fetch('https://other.example.com/', use()))).toBeInstanceOf(NotFetchedError);
    expect(asked).toHaveLength(1);
  });
});
