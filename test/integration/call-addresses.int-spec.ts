import type http from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { AppError } from '../../src/kernel/app-error.js';
import { ShareBudget, usualSharePercent } from '../../src/kernel/share-budget.js';
import { addressLimits, CallAddresses, type FetchFor } from '../../src/modules/inference/attachments/call-addresses.js';
import type { NamedAddress } from '../../src/modules/inference/call/content-elsewhere.js';
import { Log } from '../../src/observability/log.js';
import { AddressFetcher } from '../../src/platform/upstream/address-fetcher.js';
import { testSettings } from '../support/app.js';
import { until } from '../support/egress.js';
import { contents, giveContents, startPictureServer, type PictureServer } from '../support/picture-server.js';

const png = contents['image/png'];
const pngUrl = `data:image/png;base64,${png.toString('base64')}`;
const far = { ...addressLimits, milliseconds: 60_000 };
const log = new Log(loadConfig({ ...testSettings, DATABASE_URL: 'postgres://127.0.0.1/none', GT_DATA_DIR: '/nowhere' }));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function bench(listener: http.RequestListener): Promise<PictureServer & { calls: CallAddresses }> {
  const server = await startPictureServer(listener);
  closers.push(() => server.close());
  return {
    ...server,
    calls: new CallAddresses(new AddressFetcher(server.client), log, { GT_TENANT_SHARE_PERCENT: usualSharePercent }),
  };
}

let param = 0;
function named(url: string, isNew = true): NamedAddress {
  return { url, param: `messages[0].content[${param++}]`, types: new Set(['image/png']), isNew };
}

/** Memory for replies, of which a tenant has its share. */
function useOf(budget = new ShareBudget(600 * 1024 * 1024), tenantId = 'ten_a'): FetchFor & { readonly stop: AbortController } {
  const stop = new AbortController();
  const room = {
    take: (bytes: number) => budget.take(tenantId, bytes),
    giveBack: (bytes: number) => budget.giveBack(tenantId, bytes),
  };
  return { tenantId, requestId: 'req_1', room, signal: stop.signal, stop };
}

const refusal = (address: NamedAddress): unknown =>
  expect.objectContaining({
    status: 400,
    code: 'invalid_value',
    param: address.param,
    message: `Invalid value for '${address.param}': what stands at this address could not be fetched.`,
  });

describe('what a call has fetched', () => {
  it('comes in the order in which it is named, each address once', async () => {
    const { calls, at, asked } = await bench(giveContents);
    const same = at('/image/png');
    const addresses = [named(same), named(at('/image/png?b')), named(same)];
    expect(await calls.contents(addresses, useOf(), far)).toEqual([pngUrl, pngUrl, pngUrl]);
    expect(asked.map(({ url }) => url).sort()).toEqual(['/image/png', '/image/png?b']);
  });

  it('is fetched from four places at once and no more', async () => {
    const waiting: http.ServerResponse[] = [];
    let most = 0;
    const { calls, at } = await bench((_request, response) => {
      waiting.push(response);
      most = Math.max(most, waiting.length);
    });
    const fetching = calls.contents(
      Array.from({ length: 8 }, (_, one) => named(at(`/${one}`))),
      useOf(),
      far,
    );
    for (let answered = 0; answered < 8; answered += 4) {
      await until(() => waiting.length === 4);
      for (const response of waiting.splice(0)) response.end(png);
    }
    expect(await fetching).toHaveLength(8);
    expect(most).toBe(4);
  });

  it('counts, as it stands in the request, until its room is given back', async () => {
    const budget = new ShareBudget(600 * 1024 * 1024);
    const { calls, at } = await bench(giveContents);
    await calls.contents([named(at('/image/png'))], useOf(budget), far);
    expect(budget.heldBytes).toBe(Math.ceil(png.length / 3) * 4 * 2);
  });

  it.each([
    ['there is nothing', '/nothing'],
    ['there is something else', '/application/pdf'],
  ])('has a place for what was said before where %s now', async (_what, path) => {
    const budget = new ShareBudget(600 * 1024 * 1024);
    const { calls, at } = await bench(giveContents);
    expect(await calls.contents([named(at(path), false)], useOf(budget), far)).toEqual([undefined]);
    expect(budget.heldBytes).toBe(0);
  });

  it('has of what was said before the newest beside all that is new', async () => {
    const { calls, at, asked } = await bench(giveContents);
    const addresses = Array.from({ length: 12 }, (_, one) => named(at(`/image/png?${one}`), one > 9));
    const found = await calls.contents(addresses, useOf(), far);
    expect(found.map((content) => content !== undefined)).toEqual([...Array(4).fill(false), ...Array(8).fill(true)]);
    expect(asked).toHaveLength(8);
  });
});

describe('an address that cannot be fetched', () => {
  const big = Buffer.concat([png, Buffer.alloc(1024 * 1024)]);
  it.each<[string, http.RequestListener, Partial<Record<keyof typeof addressLimits, number>>]>([
    ['is not there', (_request, response) => response.writeHead(404).end(), {}],
    ['redirects', (_request, response) => response.writeHead(301, { location: 'https://127.0.0.1/' }).end(png), {}],
    ['wants a password', (_request, response) => response.writeHead(401).end(), {}],
    ['has another type', (_request, response) => response.setHeader('content-type', 'image/png').end('{"secret":1}'), {}],
    ['is encoded', (_request, response) => response.setHeader('content-encoding', 'gzip').end(png), {}],
    ['breaks off', (_request, response) => response.destroy(), {}],
    ['is too large', (_request, response) => response.end(big), { bytes: 1024 }],
    ['does not answer in time', () => undefined, { milliseconds: 50 }],
    ['drips', (_request, response) => response.write(png.subarray(0, 9)), { milliseconds: 50 }],
  ])('is refused in the same words when it %s', async (_what, listener, limits) => {
    const budget = new ShareBudget(600 * 1024 * 1024);
    const { calls, at } = await bench(listener);
    const address = named(at('/a'));
    await expect(calls.contents([address], useOf(budget), { ...far, ...limits })).rejects.toEqual(refusal(address));
    expect(budget.heldBytes).toBe(0);
  });

  it('is refused in the same words when it is not of the form that is fetched', async () => {
    const { calls } = await bench(giveContents);
    for (const url of [
      'https://127.0.0.1/',
      'https://[::1]:8443/',
      'http://pictures.example.com/',
      'https://user@pictures.example.com/',
    ]) {
      const address = named(url);
      await expect(calls.contents([address], useOf(), far)).rejects.toEqual(refusal(address));
    }
  });

  it('ends the other fetches, and gives all room back', async () => {
    const budget = new ShareBudget(600 * 1024 * 1024);
    let closed = false;
    const { calls, at } = await bench((request, response) => {
      if (request.url === '/slow') {
        response.on('close', () => (closed = true));
        response.write(png);
      } else response.writeHead(404).end();
    });
    const gone = named(at('/gone'));
    await expect(calls.contents([named(at('/slow')), gone], useOf(budget), far)).rejects.toEqual(refusal(gone));
    await until(() => closed);
    expect(budget.heldBytes).toBe(0);
  });
});

describe('a call', () => {
  it('has all its addresses together within one limit of bytes', async () => {
    const { calls, at } = await bench(giveContents);
    const three = Array.from({ length: 3 }, (_, one) => named(at(`/image/png?${one}`)));
    const limits = { ...far, bytes: png.length * 2 };
    await expect(calls.contents(three, useOf(), limits)).rejects.toMatchObject({ code: 'invalid_value' });
    expect(await calls.contents(three.slice(1), useOf(), limits)).toEqual([pngUrl, pngUrl]);
  });

  it('asks nobody when it names more addresses than it may', async () => {
    const { calls, at, asked } = await bench(giveContents);
    const nine = Array.from({ length: 9 }, (_, one) => named(at(`/image/png?${one}`)));
    await expect(calls.contents(nine, useOf(), far)).rejects.toMatchObject({
      code: 'invalid_value',
      param: nine[8]?.param,
      message: expect.stringContaining('at most 8 addresses'),
    });
    expect(asked).toEqual([]);
  });

  it('is overloaded where its tenant may hold no more, and holds nothing then', async () => {
    const { calls, at } = await bench(giveContents);
    const budget = new ShareBudget(png.length * 3);
    await expect(calls.contents([named(at('/image/png'))], useOf(budget), far)).rejects.toMatchObject({ code: 'overloaded' });
    expect(budget.heldBytes).toBe(0);
  });

  it('ends its fetches when nobody waits for it any more', async () => {
    const left = new AppError('request_timeout');
    const budget = new ShareBudget(600 * 1024 * 1024);
    let closed = false;
    const use = useOf(budget);
    const { calls, at } = await bench((_request, response) => {
      response.on('close', () => (closed = true));
      response.write(png, () => use.stop.abort(left));
    });
    await expect(calls.contents([named(at('/a'))], use, far)).rejects.toBe(left);
    await until(() => closed);
    expect(budget.heldBytes).toBe(0);
    await expect(calls.contents([named(at('/a'))], use, far)).rejects.toBe(left);
  });

  it('leaves room for calls of other tenants, and frees its place when it is over', async () => {
    const waiting: http.ServerResponse[] = [];
    const { calls, at } = await bench((_request, response) => waiting.push(response));
    const fetchOne = (tenantId: string) => calls.contents([named(at('/a'))], useOf(undefined, tenantId), far);
    const many = Array.from({ length: 16 }, () => fetchOne('ten_a'));
    await until(() => waiting.length === 16);
    await expect(fetchOne('ten_a')).rejects.toMatchObject({ code: 'overloaded' });
    const others = Array.from({ length: 8 }, () => fetchOne('ten_b'));
    await until(() => waiting.length === 24);
    for (const response of waiting.splice(0)) response.end(png);
    await Promise.all([...many, ...others]);
    const again = fetchOne('ten_b');
    await until(() => waiting.length === 1);
    waiting[0]?.end(png);
    expect(await again).toEqual([pngUrl]);
  });
});
