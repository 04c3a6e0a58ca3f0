import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { examineField } from '../../src/cli/doctor/field/field-doctor.js';
import { selfSigned } from '../support/certificate.js';
import { startDoctorBench, type DoctorBench } from '../support/doctor-bench.js';
import { runCli } from '../support/cli.js';
import { listen } from '../support/listening.js';
import { runFolder } from '../support/postgres.js';

let bench: DoctorBench;
let url: string;
const certificate = selfSigned('localhost');
const caFile = join(runFolder(), 'doctor-ca.pem');

beforeAll(async () => {
  bench = await startDoctorBench({ GT_TRUSTED_PROXIES: '127.0.0.1' });
  url = bench.platform.app.url;
  writeFileSync(caFile, certificate.cert);
});
afterAll(() => bench.close());

describe('a healthy set-up', () => {
  it('is well in every check, directly and behind a proxy that does nothing wrong', async () => {
    const key = await bench.newKey({ preset: 'platform-automation' });
    for (const base of [bench.platform.app.baseUrl, `${(await bench.proxy()).url}/api/tenant/v1`]) {
      const { code, checks } = await bench.at(base, '--key', key.secret, '--model', 'slow');
      expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
      expect(checks.map(({ check }) => check)).toEqual(
        expect.arrayContaining([
          'base URL',
          'key form',
          'key',
          'headers',
          'clock',
          'scopes',
          'model',
          'call',
          'stream',
          'sockets',
          'uploads',
        ]),
      );
      expect(code).toBe(0);
    }
  });

  it('is not that of a provider, which refuses a call without a key in the same words', async () => {
    const provider = await bench.at(`${bench.platform.sandbox.url}/v1`);
    expect([provider.found, provider.code]).toEqual([['not-the-platform'], 1]);
  });

  it('is told to people line by line, without the key', async () => {
    const run = await runCli(['doctor', '--base-url', bench.platform.app.baseUrl, '--key-env', 'KEY'], { KEY: bench.key.secret });
    expect([run.code, run.err]).toEqual([0, '']);
    expect(run.out).toMatch(/^ok {4}base URL: /);
    expect(run.out).toMatch(/^skip {2}stream: /m);
    expect(run.out).not.toContain(bench.key.secret);
  });

  it('is asked for with a base URL and a key, else the usage is wrong', async () => {
    const base = ['doctor', '--base-url', bench.platform.app.baseUrl];
    for (const args of [
      base,
      ['doctor', '--key', 'x'],
      [...base, '--key-env', 'NOT_SET'],
      [...base, '--key', 'x', '--route', 'GET /nothing'],
    ])
      expect((await runCli(args)).code).toBe(2);
    expect((await runCli(['doctor', '--base-url', 'api.example.com', '--key', 'x'])).err).toContain('is no base URL');
  });
});

describe('the base URL', () => {
  it.each([
    ['/api/tenant', ['base-url-without-v1'], 0],
    ['/api/tenant/v1/v1/', ['base-url-doubled-v1'], 0],
    ['/v1', ['base-url-without-api-tenant'], 1],
    ['', ['base-url-without-api-tenant'], 1],
    ['/api/tenant/v1/chat/completions', ['base-url-with-route'], 1],
  ])('%s is named with what it should be, and the rest is looked at all the same', async (path, diagnoses, code) => {
    const examined = await bench.at(url + path);
    expect([examined.found, examined.code]).toEqual([diagnoses, code]);
    expect(examined.seen).toContain(`${url}/api/tenant/v1`);
    expect(examined.checks.some(({ check, ok }) => check === 'call' && ok)).toBe(true);
  });

  it('without /v1 or with two is a fault behind a proxy that takes the right one alone', async () => {
    const strict = await bench.proxy({ passesOnly: '/api/tenant/v1/' });
    const two = await bench.proxy({ answers: { status: 404, on: '/v1/v1' } });
    for (const [place, id] of [
      [`${strict.url}/api/tenant`, 'base-url-without-v1'],
      [`${two.url}/api/tenant/v1/v1`, 'base-url-doubled-v1'],
    ] as const)
      expect(await bench.at(place)).toMatchObject({ found: [id], code: 1 });
  });

  it('of something else is told from one of the platform, and the key is not sent there', async () => {
    const headers: unknown[] = [];
    const other = await listen((_text, request, response) => {
      headers.push(request.headers.authorization);
      response.writeHead(404, { server: 'other' }).end('<title>Not here</title>');
    });
    const examined = await bench.at(other.url);
    expect([examined.found, examined.code]).toEqual([['not-the-platform'], 1]);
    expect(examined.seen).toContain('calls itself other: Not here');
    expect(headers.every((header) => header === undefined)).toBe(true);
    await other.close();
  });

  it('at which nobody is, is told by why', async () => {
    expect((await bench.at('http://127.0.0.1:1/api/tenant/v1')).found).toEqual(['unreachable']);
    expect((await bench.at('http://no-such-host.invalid/api/tenant/v1')).found).toEqual(['host-unknown']);
    const silent = createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const wish = { baseUrl: `http://127.0.0.1:${port}/api/tenant/v1`, key: bench.key.secret, routes: [], prompt: '' };
    const checks = await examineField(wish, { limitMs: 300 }, () => null);
    expect(checks[0]?.diagnosis).toBe('no-answer');
    silent.close();
  });

  it('with http where https is served is found by a redirect, by a dropped connection, and by what the platform calls itself', async () => {
    const secure = await bench.proxy({}, certificate);
    const plain = await bench.proxy({ redirectsTo: secure.url });
    const redirecting = plain.url.replace('127.0.0.1', 'localhost');
    for (const base of [redirecting, secure.url.replace('https', 'http')]) {
      const examined = await bench.at(`${base}/api/tenant/v1`, '--ca', caFile);
      expect([examined.found, examined.code]).toEqual([['http-instead-of-https'], 1]);
      expect(examined.checks.some(({ check, ok }) => check === 'call' && ok)).toBe(true);
    }
    expect(plain.authorizations).toEqual([]);
    const behindTls = await bench.behind({ setRequest: { 'x-forwarded-proto': 'https', host: 'api.example.com' } });
    expect([behindTls.found, behindTls.code]).toEqual([['http-instead-of-https'], 0]);
  });

  it('with https where http is spoken, or with a certificate that is not trusted', async () => {
    const examined = await bench.at(`${url.replace('http', 'https')}/api/tenant/v1`);
    expect(examined.found).toEqual(['https-instead-of-http']);
    const secure = await bench.proxy({}, certificate);
    expect((await bench.at(`${secure.url}/api/tenant/v1`)).found).toEqual(['certificate-refused']);
    expect((await bench.at(`${secure.url}/api/tenant/v1`, '--ca', caFile)).found).toEqual([]);
  });

  it('that leads to another host is not followed', async () => {
    expect((await bench.behind({ redirectsTo: 'http://other.example' })).found).toEqual(['redirected']);
  });
});

describe('what a proxy does to headers', () => {
  it.each([
    [{ dropRequest: ['authorization'] }],
    [{ setRequest: { authorization: 'Basic abc' } }],
    [{ setRequest: { authorization: `Bearer gtak_${'0'.repeat(38)}` } }],
  ])('%j: Authorization does not arrive, which is not a wrong key', async (faults) => {
    expect((await bench.behind(faults)).found).toEqual(['authorization-stripped']);
  });

  it('is named header by header', async () => {
    expect(await bench.behind({ dropReply: ['x-gt-request-id'] })).toMatchObject({
      found: ['reply-header-stripped'],
      seen: expect.stringContaining('x-gt-request-id'),
    });
    expect((await bench.behind({ dropRequest: ['x-client-request-id'] })).found).toEqual(['request-header-stripped']);
  });

  it('shows a clock that is wrong, and in which direction', async () => {
    const at = (ms: number) => ({ setReply: { date: new Date(Date.now() + ms).toUTCString() } });
    expect(await bench.behind(at(600_000))).toMatchObject({ found: ['clock-skew'], seen: expect.stringContaining('ahead of') });
    expect(await bench.behind(at(-600_000))).toMatchObject({ found: ['clock-skew'], seen: expect.stringContaining('behind') });
    expect((await bench.behind(at(20_000))).found).toEqual([]);
  });

  it.each([[401], [403], [404], [429], [502], [503]])('a %i of the proxy is told from one of the platform', async (status) => {
    const ofKey = await bench.behind({ answers: { status, on: '/v1/key' } });
    expect(ofKey).toMatchObject({ found: ['reply-of-a-proxy'], seen: expect.stringContaining(`${status} of the proxy`) });
    expect((await bench.behind({ answers: { status, on: '/chat/' } })).found).toEqual(['reply-of-a-proxy']);
  });
});

describe('what a proxy does to streams, sockets and bodies', () => {
  it('a stream that is kept until its end is measured, and one that flows is not blamed', async () => {
    const held = await bench.behind({ buffers: true }, '--model', 'slow');
    expect(held).toMatchObject({ found: ['stream-held-back'], code: 1 });
    const passed = await bench.behind({}, '--model', 'slow');
    expect(passed.checks.find(({ check }) => check === 'stream')?.state).toBe('ok');
  });

  it('an answer that is over at once is not judged', async () => {
    const { checks } = await bench.behind({ buffers: true });
    expect(checks.find(({ check }) => check === 'stream')?.state).toBe('skipped');
  });

  it('a stream that is broken off', async () => {
    expect((await bench.behind({ cutsStreams: true }, '--model', 'slow')).found).toEqual(['stream-cut-off']);
  });

  it.each(['strips', 'refuses'] as const)('a proxy that %s WebSockets', async (sockets) => {
    expect((await bench.behind({ sockets })).found).toEqual(['sockets-blocked']);
  });

  it('a WebSocket that opens and carries nothing', async () => {
    const { url: base } = await bench.proxy({ sockets: 'swallows' });
    const wish = { baseUrl: `${base}/api/tenant/v1`, key: bench.key.secret, routes: [], prompt: 'hi' };
    const checks = await examineField(wish, { limitMs: 2_000 }, () => null);
    expect(checks.filter(({ ok }) => !ok).map(({ diagnosis }) => diagnosis)).toEqual(['sockets-blocked']);
  });

  it('WebSockets that the tenant has switched off are a warning', async () => {
    const routesOff = (routes: readonly string[]) => bench.platform.app.admin('PATCH', '/tenants/acme', { routes_off: routes });
    await routesOff(['websocket']);
    expect(await bench.at(bench.platform.app.baseUrl)).toMatchObject({ found: ['sockets-switched-off'], code: 0 });
    await routesOff([]);
  });

  // A proxy that goes by the header lets nobody ask the platform for its limit: then the doctor begins with the usual one.
  it.each([
    ['declared', 163_840],
    ['counted', 262_144],
    ['resets', 262_144],
  ] as const)('a limit for bodies that is %s is found with what gets through', async (by, fits) => {
    const examined = await bench.behind({ bodyLimit: { bytes: 300_000, by } });
    expect(examined.found).toEqual(['upload-limit-of-proxy']);
    expect(examined.seen).toContain(`One of ${fits} bytes arrives, one of ${fits * 2} does not.`);
  });

  it('a limit for files', async () => {
    const key = await bench.newKey({ preset: 'platform-automation' });
    const examined = await bench.behind({ bodyLimit: { bytes: 2_000_000, by: 'declared' } }, '--key', key.secret);
    expect(examined.found).toEqual(['upload-limit-of-proxy']);
    expect(examined.seen).toContain('A file of');
  });
});
