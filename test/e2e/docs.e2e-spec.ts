import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** The bytes as they came. Node's fetch would unpack them. */
async function get(path: string, headers: Readonly<Record<string, string>> = {}, url = app.url): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url + path, { headers, agent: false }, (reply) => {
      buffer(reply).then((bytes) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, bytes }), reject);
    })
      .on('error', reject)
      .end();
  });
}

const paths = ['/docs', '/docs/reader.js', '/openapi.json'];
const packaged = readFileSync(createRequire(import.meta.url).resolve('openapi-explorer/dist/browser/openapi-explorer.min.js'));
const document = async (headers: Readonly<Record<string, string>> = {}, url = app.url) =>
  JSON.parse((await get('/openapi.json', headers, url)).bytes.toString()) as {
    readonly servers: readonly { readonly url: string }[];
    readonly paths: Readonly<Record<string, object>>;
  };

describe('the reader at /docs', () => {
  it('may run the script of its own host, call its own host, and nothing else', async () => {
    const { status, headers } = await get('/docs');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(String(headers['content-security-policy']).split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'unsafe-inline'",
      "connect-src 'self'",
      "img-src 'self' data: blob:",
      'media-src blob:',
      "form-action 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
  });

  it('names no other host, and has no script within the page', async () => {
    const page = (await get('/docs')).bytes.toString();
    const hosts = [...page.matchAll(/\b(?:https?:)?\/\/([A-Za-z0-9[][^/\s"'<]*)/g)].map(([, host]) => host);
    expect(new Set(hosts)).toEqual(new Set([new URL(app.url).host]));
    expect([...page.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)).toEqual([
      expect.stringMatching(/^<script src="\/docs\/reader\.js\?v=[0-9a-f]{32}" defer>$/),
    ]);
    expect(page).not.toMatch(/\son[a-z]+=/);
  });

  it('tries calls on the host that it came from, without cookies, and describes what /openapi.json has', async () => {
    const page = (await get('/docs')).bytes.toString();
    const [tag = ''] = /<openapi-explorer [^>]*>/.exec(page) ?? [];
    for (const attribute of ['spec-url="/openapi.json"', 'server-url="/"', 'fetch-credentials="omit"'])
      expect(tag).toContain(attribute);
  });

  it('shows the routes to whoever runs no scripts', async () => {
    const page = (await get('/docs')).bytes.toString();
    for (const text of ['POST /chat/completions', 'GET /keys/{id}', 'openai-chat-client']) expect(page).toContain(text);
  });

  it('has the script that the package ships, under its hash, to be kept for good', async () => {
    const page = (await get('/docs')).bytes.toString();
    const [, path = ''] = /src="(\/docs\/reader\.js\?v=[^"]+)"/.exec(page) ?? [];
    const { status, headers, bytes } = await get(path);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(bytes.equals(packaged)).toBe(true);
    expect(path).toBe(`/docs/reader.js?v=${createHash('sha256').update(packaged).digest('hex').slice(0, 32)}`);
  });

  it.each(paths)('%s needs no key, and tells no more to one', async (path) => {
    const plain = await get(path);
    const signed = await get(path, { authorization: `Bearer ${app.operatorToken}` });
    expect([plain.status, signed.bytes.equals(plain.bytes)]).toEqual([200, true]);
  });

  it.each(paths)('%s comes in gzip to whoever takes it, and not again to whoever has it', async (path) => {
    const plain = await get(path);
    const packed = await get(path, { 'accept-encoding': 'br;q=1.0, gzip;q=0.8' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers.etag).not.toBe(plain.headers.etag);
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
    for (const { headers } of [plain, packed]) expect(headers.vary).toBe('accept-encoding');

    const again = await get(path, { 'accept-encoding': 'gzip', 'if-none-match': `"other", W/${packed.headers.etag ?? ''}` });
    expect([again.status, again.bytes.length, again.headers.etag]).toEqual([304, 0, packed.headers.etag]);
    expect((await get(path, { 'if-none-match': packed.headers.etag ?? '' })).status).toBe(200);
  });

  it.each(['identity', 'gzip;q=0', 'gzip; q=0, br', 'xgzip'])('comes as it is to whoever accepts %s', async (accepted) => {
    const { status, headers } = await get('/docs', { 'accept-encoding': accepted });
    expect([status, headers['content-encoding']]).toEqual([200, undefined]);
  });
});

describe('the address in the description', () => {
  it('is the one that was asked', async () => {
    expect((await document()).servers[0]?.url).toBe(app.url);
    expect((await document({ host: 'gt.internal:8080' })).servers[0]?.url).toBe('http://gt.internal:8080');
  });

  it('is the one that a trusted proxy tells, where that is the address of a host', async () => {
    const other = await startApp({ settings: { GT_TRUSTED_PROXIES: '127.0.0.1,::1' } });
    try {
      const told = (host: string, protocol: string) => ({ 'x-forwarded-host': host, 'x-forwarded-proto': protocol });
      const of = async (host: string, protocol: string) => (await document(told(host, protocol), other.url)).servers[0]?.url;
      expect(await of('api.gt.example', 'https')).toBe('https://api.gt.example');
      expect(await of('10.0.0.7, api.gt.example:8443', 'http')).toBe('http://api.gt.example:8443');
      expect(await of('api.gt.example', "$'")).toBe('http://api.gt.example');
      for (const host of ["$'", 'a b', 'a/b', `a${'b'.repeat(300)}`])
        for (const path of ['/openapi.json', '/docs'])
          expect([host, (await get(path, told(host, 'https'), other.url)).status]).toEqual([host, 400]);
    } finally {
      await other.close();
    }
  });

  it("is GT_PUBLIC_URL, or a tenant's own host where that is asked", async () => {
    const other = await startApp({ settings: { GT_PUBLIC_URL: 'https://api.gt.example/' } });
    try {
      await other.admin('POST', '/tenants', { slug: 'acme', name: 'Acme', hosts: ['acme.example'] });
      const asked = async (host: string): Promise<string | undefined> => (await document({ host }, other.url)).servers[0]?.url;
      expect(await asked('elsewhere.example')).toBe('https://api.gt.example');
      await until('the host is known', async () => (await asked('acme.example')) === 'https://acme.example');
    } finally {
      await other.close();
    }
  });

  it('is right for however many hosts are asked', async () => {
    for (let number = 0; number < 40; number += 1)
      expect((await document({ host: `h${number}.example` })).servers[0]?.url).toBe(`http://h${number}.example`);
    const { paths: described } = await document({ host: 'h0.example' });
    expect(JSON.stringify(described)).not.toMatch(/h[1-9]\d*\.example/);
  });
});
