import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EgressRefusedError } from '../../src/platform/upstream/egress-policy.js';
import { outboundWay, type OutboundProxy } from '../../src/platform/upstream/way/outbound-way.js';
import { selfSigned } from '../support/certificate.js';
import { compileSource } from '../support/compile-source.js';
import { addresses, EgressBench, startCall, until } from '../support/egress.js';
import { brokenProxy, connectProxy, socksProxy, type TestProxy, type TestProxyOptions } from '../support/proxies.js';

const bench = new EgressBench();
const proxies: TestProxy[] = [];
afterEach(async () => {
  await bench.close();
  for (const proxy of proxies.splice(0)) proxy.close();
});

const kinds = ['http', 'socks5'] as const;
type Kind = (typeof kinds)[number];

async function proxyOf(kind: Kind, options: TestProxyOptions = {}): Promise<TestProxy> {
  const proxy = await (kind === 'http' ? connectProxy : socksProxy)(options);
  proxies.push(proxy);
  return proxy;
}

async function broken(kind: Kind, onConnection: (socket: net.Socket) => void): Promise<TestProxy> {
  const proxy = await brokenProxy(kind, onConnection);
  proxies.push(proxy);
  return proxy;
}

function through({ protocol, host, port }: TestProxy, more: Partial<OutboundProxy> & { ca?: string } = {}) {
  const { ca, ...login } = more;
  return outboundWay({ proxy: { protocol, host, port, ...login }, ...(ca === undefined ? {} : { ca }) });
}

/** A provider over TLS, which says what it was called. */
async function tlsProvider(name: string) {
  const certificate = selfSigned(name);
  const names: unknown[] = [];
  const server = https.createServer(certificate, (request, response) => {
    names.push([(request.socket as TLSSocket).servername, request.headers.host]);
    response.end('ok');
  });
  return { ...(await bench.listen(server)), ca: certificate.cert, names };
}

const here = () => Promise.resolve(addresses('127.0.0.1'));
const elsewhere = '93.184.216.34';
/** A SOCKS proxy's yes. */
const granted = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

describe.each(kinds)('a way through a proxy of %s', (kind) => {
  it('gives the proxy the judged address and the provider the name', async () => {
    const provider = await bench.http((request, response) => response.end(request.headers.host));
    const proxy = await proxyOf(kind);
    const origin = `http://provider.example.com:${provider.port}`;
    const client = bench.client({ resolve: here });
    const heard = await startCall(client, { origin, way: through(proxy) }).done;
    expect([heard.status, heard.body.toString()]).toEqual([200, `provider.example.com:${provider.port}`]);
    expect(proxy.asked).toEqual([`127.0.0.1:${provider.port}`]);
    for (let call = 0; call < 5; call += 1) await startCall(client, { origin, way: through(proxy) }).done;
    // A call started from within the end of another finds that one's connection not free yet.
    expect(proxy.taken()).toBeLessThanOrEqual(2);
    expect(provider.connections()).toBe(proxy.taken());
  });

  it('runs TLS to the name through the tunnel, and verifies it', async () => {
    const { port, ca, names } = await tlsProvider('provider.example.com');
    const proxy = await proxyOf(kind);
    const client = bench.client({ resolve: here });
    const origin = `https://provider.example.com:${port}`;
    expect((await startCall(client, { origin, way: through(proxy, { ca }) }).done).body.toString()).toBe('ok');
    expect(names).toEqual([['provider.example.com', `provider.example.com:${port}`]]);
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`]);
    const untrusted = await startCall(client, { origin, way: through(proxy) }).done;
    expect(untrusted.failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    const otherName = `https://other.example.com:${port}`;
    const wrong = await startCall(client, { origin: otherName, way: through(proxy, { ca }) }).done;
    expect(wrong.failure).toMatchObject({ kind: 'refused', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    expect(names).toHaveLength(1);
    await until(() => proxy.open() === 1);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f000001', '127.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1'])(
    'refuses http://%s before the proxy hears of it',
    async (host) => {
      const proxy = await proxyOf(kind);
      const client = bench.client({ allow: 'false' });
      const { failure } = await startCall(client, { origin: `http://${host}:8080`, way: through(proxy) }).done;
      expect(failure).toEqual({ kind: 'refused', sent: false, cause: expect.any(EgressRefusedError) });
      expect(proxy.taken()).toBe(0);
    },
  );

  it('refuses a name with private addresses only, and passes on the public one of several', async () => {
    const provider = await bench.http((_request, response) => response.end('ok'));
    const proxy = await proxyOf(kind, { leadsTo: () => provider.port });
    const answers = [addresses('10.0.0.1', '::1'), addresses('10.0.0.1', elsewhere), addresses('10.0.0.1')];
    const client = bench.client({ allow: 'false', resolve: () => Promise.resolve(answers.shift() ?? []) });
    const ask = (name: string) => startCall(client, { origin: `http://${name}.example.com`, way: through(proxy) }).done;
    expect((await ask('inside')).failure).toMatchObject({ kind: 'refused', cause: expect.any(EgressRefusedError) });
    expect(proxy.taken()).toBe(0);
    expect((await ask('both')).status).toBe(200);
    expect(proxy.asked).toEqual([`${elsewhere}:80`]);
    // Asked once for each connection: what was judged is what the proxy got.
    expect(answers).toHaveLength(1);
  });

  it('reaches an address of IPv6, and it only where there is none of IPv4 that the proxy reaches', async () => {
    const provider = await bench.http((_request, response) => response.end('ok'));
    const proxy = await proxyOf(kind, { leadsTo: (asked) => (asked.startsWith('[') ? provider.port : 1) });
    const client = bench.client({ allow: 'false', resolve: () => Promise.resolve(addresses('2606:2800:220:1::1', elsewhere)) });
    const literal = startCall(client, { origin: 'http://[2606:2800:220:1::2]:8080', way: through(proxy) });
    expect((await literal.done).status).toBe(200);
    expect((await startCall(client, { origin: 'http://both.example.com', way: through(proxy) }).done).status).toBe(200);
    expect(proxy.asked).toEqual(['[2606:2800:220:1::2]:8080', `${elsewhere}:80`, '[2606:2800:220:1::1]:80']);
  });

  it('does not follow a redirect', async () => {
    const provider = await bench.http((_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end());
    const proxy = await proxyOf(kind);
    const heard = await startCall(bench.client(), { origin: provider.origin, way: through(proxy) }).done;
    expect([heard.status, proxy.asked]).toEqual([307, [`127.0.0.1:${provider.port}`]]);
  });

  it('signs in at the proxy, and tells nothing secret when it is refused', async () => {
    const provider = await bench.http((_request, response) => response.end('ok'));
    const login = { username: 'gateway', password: 'pass:wörd' };
    const proxy = await proxyOf(kind, { login });
    const client = bench.client();
    const ask = (given: Partial<OutboundProxy>) =>
      startCall(client, { origin: provider.origin, way: through(proxy, given) }).done;
    expect((await ask(login)).body.toString()).toBe('ok');
    for (const wrong of [{}, { ...login, password: 'other-word' }]) {
      const { failure } = await ask(wrong);
      expect(failure).toMatchObject({ kind: 'refused', sent: false, cause: { name: 'ProxyError', code: 'PROXY_LOGIN' } });
      const cause = failure?.cause as Error;
      expect(JSON.stringify([cause.message, { ...cause }])).not.toMatch(/other-word|gateway|127\.0\.0\.1/);
    }
    await until(() => proxy.open() === 1);
  });

  it('reports a provider that the proxy does not reach as nothing sent', async () => {
    const proxy = await proxyOf(kind, { leadsTo: () => 1 });
    const { failure } = await startCall(bench.client(), { origin: 'http://127.0.0.1:8080', way: through(proxy) }).done;
    expect(failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'PROXY_REFUSED' } });
    await until(() => proxy.open() === 0);
  });

  it('reports a proxy that is not there, and never goes without it', async () => {
    const provider = await bench.http((_request, response) => response.end('ok'));
    const proxy = await proxyOf(kind);
    proxy.close();
    const { failure } = await startCall(bench.client(), { origin: provider.origin, way: through(proxy) }).done;
    expect(failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'PROXY_UNREACHABLE' } });
    expect(provider.connections()).toBe(0);
  });

  it.each(['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '0.0.0.0', '224.0.0.1'])(
    'does not take %s for a proxy',
    async (host) => {
      const provider = await bench.http((_request, response) => response.end('ok'));
      const way = outboundWay({ proxy: { protocol: kind, host, port: 3128 } });
      const { failure } = await startCall(bench.client({ allow: 'true' }), { origin: provider.origin, way }).done;
      expect(failure).toMatchObject({
        kind: 'refused',
        sent: false,
        cause: { code: 'PROXY_UNREACHABLE', cause: expect.any(EgressRefusedError) },
      });
    },
  );

  it('does not take a proxy whose name leads to such an address', async () => {
    const proxy = await proxyOf(kind);
    const way = through({ ...proxy, host: 'proxy.example.com' });
    const client = bench.client({ resolve: () => Promise.resolve(addresses('169.254.169.254')) });
    const { failure } = await startCall(client, { origin: 'http://127.0.0.1:8080', way }).done;
    expect(failure).toMatchObject({
      kind: 'refused',
      cause: { code: 'PROXY_UNREACHABLE', cause: expect.any(EgressRefusedError) },
    });
    expect(proxy.taken()).toBe(0);
  });

  it('waits for a proxy that says nothing no longer than for a provider, whoever asks', async () => {
    const proxy = await broken(kind, () => undefined);
    const client = bench.client({ config: { GT_UPSTREAM_CONNECT_MS: 100 } });
    const calls = [1, 2].map((port) => startCall(client, { origin: `http://127.0.0.1:${port}`, way: through(proxy) }).done);
    for (const { failure } of await Promise.all(calls))
      expect(failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } });
    await until(() => proxy.taken() === 2 && proxy.open() === 0);
  });

  it('counts the tunnel, the look-up and TLS into the same limit', async () => {
    const silent = await bench.listen(net.createServer((socket) => socket.on('error', () => undefined)));
    const proxy = await proxyOf(kind);
    const config = { GT_UPSTREAM_CONNECT_MS: 100 };
    const tls = startCall(bench.client({ config }), { origin: `https://127.0.0.1:${silent.port}`, way: through(proxy) });
    expect((await tls.done).failure).toMatchObject({ kind: 'refused', cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } });
    expect(proxy.asked).toHaveLength(1);
    await until(() => proxy.open() === 0);
    const unnamed = bench.client({ config, resolve: () => new Promise(() => undefined) });
    const name = startCall(unnamed, { origin: 'http://slow.example.com', way: through(proxy) });
    expect((await name.done).failure).toMatchObject({ kind: 'refused', cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } });
  });

  it.each([
    ['closes at once', (socket: net.Socket) => socket.destroy(), 'PROXY_CLOSED'],
    ['closes when it is asked', (socket: net.Socket) => socket.once('data', () => socket.end()), 'PROXY_CLOSED'],
    ['answers with garbage', (socket: net.Socket) => socket.write('220 mail.example.com ESMTP\r\n'), 'PROXY_MALFORMED'],
  ])('fails when the proxy %s', async (_name, onConnection, code) => {
    const proxy = await broken(kind, onConnection);
    const { failure } = await startCall(bench.client(), { origin: 'http://127.0.0.1:8080', way: through(proxy) }).done;
    expect(failure).toMatchObject({ kind: 'refused', sent: false, cause: { name: 'ProxyError', code } });
    await until(() => proxy.open() === 0);
  });

  it('fails a call as broken when the proxy dies in the tunnel, and opens another for the next', async () => {
    const provider = await bench.http((request, response) => {
      if (request.url === '/begun') response.write('half');
      else response.end('ok');
    });
    const proxy = await proxyOf(kind);
    const client = bench.client();
    const call = startCall(client, { origin: provider.origin, path: '/begun', way: through(proxy) });
    await call.onFirstData;
    proxy.cut();
    expect((await call.done).failure).toMatchObject({ kind: 'broken', sent: true });
    expect((await startCall(client, { origin: provider.origin, way: through(proxy) }).done).body.toString()).toBe('ok');
  });

  it('fails when the proxy dies while TLS begins', async () => {
    const proxy = await proxyOf(kind);
    const mute = await bench.raw(() => proxy.cut());
    const call = startCall(bench.client(), { origin: `https://127.0.0.1:${mute.port}`, way: through(proxy) });
    expect((await call.done).failure).toMatchObject({ kind: 'refused', sent: false });
    await until(() => proxy.open() === 0);
  });

  it('hands on what stands behind the last word of the proxy, which is no beginning of TLS nor of HTTP', async () => {
    const early = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nearly';
    const proxy = await broken(kind, (socket) => {
      socket.once('data', () => {
        if (kind === 'http') return void socket.write(`HTTP/1.1 200 OK\r\n\r\n${early}`);
        socket.write(Buffer.from([5, 0]));
        socket.once('data', () => socket.write(Buffer.concat([granted, Buffer.from(early)])));
      });
    });
    const client = bench.client();
    const tls = startCall(client, { origin: 'https://127.0.0.1:8080', way: through(proxy) });
    expect((await tls.done).failure).toMatchObject({ kind: 'refused', sent: false, cause: { library: 'SSL routines' } });
    const plain = startCall(client, { origin: 'http://127.0.0.1:8080', way: through(proxy) });
    expect((await plain.done).failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'HOST_SPOKE_FIRST' } });
    expect(proxy.taken()).toBe(2);
    await until(() => proxy.open() === 0);
  });

  it('leaves no connection behind when the client is closed', async () => {
    const provider = await bench.http((request, response) => {
      if (request.url === '/') response.end('ok');
    });
    const proxy = await proxyOf(kind);
    const client = bench.client();
    await startCall(client, { origin: provider.origin, way: through(proxy) }).done;
    const silent = startCall(client, { origin: provider.origin, path: '/silent', way: through(proxy) });
    await until(() => silent.sent);
    await client.onApplicationShutdown();
    expect((await silent.done).failure).toMatchObject({ kind: 'broken' });
    await until(() => proxy.open() === 0);
  });
});

describe('an HTTP proxy', () => {
  it.each([
    ['an endless head', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(20_000)}`, 'PROXY_MALFORMED'],
    ['a long head with an end', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`, 'PROXY_MALFORMED'],
    ['a head without a status', 'HTTP/1.1 OK\r\n\r\n', 'PROXY_MALFORMED'],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n', 'PROXY_REFUSED'],
  ])('that answers with %s is a failure', async (_name, text, code) => {
    const proxy = await broken('http', (socket) => socket.once('data', () => socket.write(text)));
    const { failure } = await startCall(bench.client(), { origin: 'http://127.0.0.1:8080', way: through(proxy) }).done;
    expect(failure).toMatchObject({ kind: 'refused', sent: false, cause: { code } });
    await until(() => proxy.open() === 0);
  });

  it('may answer in pieces', async () => {
    const proxy = await broken('http', (socket) => {
      const pieces = ['H', 'TTP/1.1 2', '00 OK\r\nx: y\r\n\r', '\n'];
      const next = (): void => {
        const piece = pieces.shift();
        if (piece !== undefined) socket.write(piece, () => setImmediate(next));
        else socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
      };
      socket.once('data', next);
    });
    const heard = await startCall(bench.client(), { origin: 'http://127.0.0.1:8080', way: through(proxy) }).done;
    expect(heard.body.toString()).toBe('ok');
  });
});

describe('more certificates', () => {
  it('count for their way alone, also where another call has a connection that stands', async () => {
    const { port, ca } = await tlsProvider('provider.example.com');
    const client = bench.client({ resolve: here });
    const origin = `https://provider.example.com:${port}`;
    const ask = (way?: ReturnType<typeof outboundWay>) => startCall(client, { origin, way }).done;
    expect((await ask(outboundWay({ ca }))).status).toBe(200);
    const refused = { kind: 'refused', sent: false, cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } };
    expect((await ask()).failure).toMatchObject(refused);
    expect((await ask(outboundWay({ ca: selfSigned('provider.example.com').cert }))).failure).toMatchObject(refused);
    expect((await ask(outboundWay({ ca }))).status).toBe(200);
    expect(client.openPools).toBe(3);
  });

  it('stand beside those of NODE_EXTRA_CA_CERTS', async () => {
    const [deployed, own, other] = [
      await tlsProvider('a.example.com'),
      await tlsProvider('b.example.com'),
      await tlsProvider('c.example.com'),
    ];
    const folder = await mkdtemp(join(tmpdir(), 'gt-trust-'));
    await compileSource(join(folder, 'code'), ['platform/upstream/way/trust.ts']);
    await writeFile(join(folder, 'deployed.pem'), deployed.ca);
    const script = `
      import { connect } from 'node:tls';
      import { trustBeside } from ${JSON.stringify(join(folder, 'code/platform/upstream/way/trust.js'))};
      const secureContext = trustBeside(${JSON.stringify(own.ca)});
      for (const [name, port] of ${JSON.stringify([
        ['a', deployed.port],
        ['b', own.port],
        ['c', other.port],
      ])}) {
        const socket = connect({ host: '127.0.0.1', port, servername: name + '.example.com', secureContext });
        console.log(await new Promise((said) => socket.on('secureConnect', () => said('trusted')).on('error', ({ code }) => said(code))));
        socket.destroy();
      }`;
    const env = { ...process.env, NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: join(folder, 'deployed.pem') };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
    expect(stdout.split('\n')).toEqual(['trusted', 'trusted', 'DEPTH_ZERO_SELF_SIGNED_CERT', '']);
    await rm(folder, { recursive: true });
  });

  it('do not make another name good', async () => {
    const { port, ca } = await tlsProvider('provider.example.com');
    const client = bench.client({ resolve: here });
    const call = startCall(client, { origin: `https://other.example.com:${port}`, way: outboundWay({ ca }) });
    expect((await call.done).failure).toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });
});

describe('ways', () => {
  it('that differ in anything share no connection', async () => {
    const provider = await bench.http((_request, response) => response.end('ok'));
    const proxy = await proxyOf('http');
    const client = bench.client();
    const ways = [
      undefined,
      through(proxy),
      through(proxy, { username: 'a', password: 'b' }),
      through(proxy, { username: 'a', password: 'c' }),
      through(proxy, { ca: selfSigned('a.example.com').cert }),
    ];
    for (const way of [...ways, ...ways])
      expect((await startCall(client, { origin: provider.origin, way }).done).status).toBe(200);
    expect([provider.connections(), proxy.taken(), client.openPools]).toEqual([5, 4, 5]);
  });
});
