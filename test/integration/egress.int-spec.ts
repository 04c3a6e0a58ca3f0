import https from 'node:https';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EgressPolicy, EgressRefusedError } from '../../src/platform/upstream/egress-policy.js';
import { selfSigned } from '../support/certificate.js';
import { addresses, EgressBench, startCall, until } from '../support/egress.js';

const bench = new EgressBench();
afterEach(() => bench.close());

const refusedByPolicy = { kind: 'refused', sent: false, cause: expect.any(EgressRefusedError) };

describe('where EgressClient connects', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
  ])('refuses http://%s before it connects', async (host) => {
    const provider = await bench.http((_request, response) => response.end());
    const call = startCall(bench.client({ allow: 'false' }), { origin: `http://${host}:${provider.port}` });
    expect((await call.done).failure).toEqual(refusedByPolicy);
    expect(call.heard.events).toEqual(['failure']);
    expect(provider.connections()).toBe(0);
  });

  it('refuses a name whose answer became private after it was saved', async () => {
    const provider = await bench.http((_request, response) => response.end());
    const answers = [addresses('93.184.216.34'), addresses('127.0.0.1')];
    const resolve = () => Promise.resolve(answers.shift() ?? []);
    const url = await new EgressPolicy('false', resolve).judgeUrl(`http://rebind.example.com:${provider.port}/v1`);
    const call = startCall(bench.client({ allow: 'false', resolve }), { origin: url.origin });
    expect((await call.done).failure).toEqual(refusedByPolicy);
    expect(provider.connections()).toBe(0);
    expect(answers).toEqual([]);
  });

  it('resolves once and connects to the allowed one of the addresses it was given', async () => {
    const provider = await bench.http((request, response) => response.end(request.headers.host));
    let asked = 0;
    const resolve = () => {
      asked += 1;
      return Promise.resolve(asked === 1 ? addresses('10.255.255.1', '127.0.0.1', '::1') : addresses('10.255.255.1'));
    };
    const origin = `http://provider.example.com:${provider.port}`;
    const heard = await startCall(bench.client({ allow: '127.0.0.0/8', resolve }), { origin }).done;
    expect(heard.body.toString()).toBe(`provider.example.com:${provider.port}`);
    expect(asked).toBe(1);
  });

  it('does not reach another port of a host that is allowed with its port', async () => {
    const [allowed, other] = [
      await bench.http((_request, response) => response.end('ok')),
      await bench.http((_request, response) => response.end('no')),
    ];
    const client = bench.client({ allow: `127.0.0.1:${allowed.port}` });
    expect((await startCall(client, { origin: allowed.origin }).done).body.toString()).toBe('ok');
    expect((await startCall(client, { origin: other.origin }).done).failure).toEqual(refusedByPolicy);
    expect((await startCall(client, { origin: `http://localhost:${allowed.port}` }).done).failure).toEqual(refusedByPolicy);
    expect(other.connections()).toBe(0);
  });

  it('does not follow a redirect', async () => {
    const target = await bench.http((_request, response) => response.end());
    const provider = await bench.http((_request, response) =>
      response.writeHead(307, { location: `${target.origin}/inside` }).end(),
    );
    const client = bench.client();
    const heard = await startCall(client, { origin: provider.origin }).done;
    expect([heard.status, heard.headers['location'], heard.events.at(-1)]).toEqual([307, `${target.origin}/inside`, 'end']);
    await expect(client.json({ origin: provider.origin, path: '/models', method: 'GET' })).rejects.toMatchObject({
      kind: 'redirected',
    });
    expect(target.connections()).toBe(0);
  });

  it('reports a refused connection, and a name that does not resolve, as nothing sent', async () => {
    const provider = await bench.listen(net.createServer());
    await bench.close();
    expect((await startCall(bench.client(), { origin: provider.origin }).done).failure).toMatchObject({
      kind: 'refused',
      sent: false,
      cause: { code: 'ECONNREFUSED' },
    });
    const absent = bench.client({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    expect((await startCall(absent, { origin: 'http://absent.example.com' }).done).failure).toMatchObject({
      kind: 'refused',
      sent: false,
    });
  });

  it.each([
    ['another Host', { headers: ['Host', 'other.example.com'] }],
    ['another Host in an object', { headers: { HOST: 'other.example.com' } }],
    ['a header with a line break', { headers: ['x-a', 'b\r\nx-c: d'] }],
    ['a path with a space', { path: '/a b' }],
    ['a malformed origin', { origin: 'no origin' }],
    ['an origin that is not http', { origin: 'ftp://127.0.0.1' }],
  ])('refuses a call with %s, and only after dispatch has returned', async (_name, wrong) => {
    const provider = await bench.http((_request, response) => response.end());
    const call = startCall(bench.client(), { origin: provider.origin, ...wrong });
    expect(call.heard.events).toEqual([]);
    expect((await call.done).failure).toMatchObject({ kind: 'refused', sent: false });
    expect(provider.connections()).toBe(0);
  });
});

describe('TLS', () => {
  async function provider(name: string) {
    const certificate = selfSigned(name);
    const server = https.createServer(certificate, (request, response) => response.end(request.headers.host));
    const { port } = await bench.listen(server);
    return { port, ca: certificate.cert };
  }
  const resolve = () => Promise.resolve(addresses('127.0.0.1'));

  it('refuses a certificate that signs itself', async () => {
    const { port } = await provider('provider.example.com');
    const call = startCall(bench.client({ resolve }), { origin: `https://provider.example.com:${port}` });
    expect((await call.done).failure).toMatchObject({
      kind: 'refused',
      sent: false,
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });

  it('verifies the name of the origin over the pinned address', async () => {
    const { port, ca } = await provider('provider.example.com');
    const client = bench.client({ resolve, options: { ca } });
    const right = await startCall(client, { origin: `https://provider.example.com:${port}` }).done;
    expect(right.body.toString()).toBe(`provider.example.com:${port}`);
    const wrong = await startCall(client, { origin: `https://other.example.com:${port}` }).done;
    expect(wrong.failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  it('gives up on a provider that does not finish connecting within the limit', async () => {
    const { port } = await bench.listen(net.createServer((socket) => socket.on('error', () => undefined)));
    const call = startCall(bench.client({ config: { GT_UPSTREAM_CONNECT_MS: 100 } }), { origin: `https://127.0.0.1:${port}` });
    expect((await call.done).failure).toMatchObject({ kind: 'refused', sent: false, cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } });
  });
});

describe('EgressClient.json', () => {
  it('sends the request and gives status, headers and the parsed body, of a 4xx too', async () => {
    const provider = await bench.http((request, response) => {
      const { url, method, headers } = request;
      response
        .writeHead(401, { 'x-a': 'b' })
        .end(JSON.stringify({ url, method, accept: headers.accept, authorization: headers.authorization }));
    });
    const request = {
      origin: provider.origin,
      path: '/v1/models',
      method: 'GET',
      headers: { authorization: 'Bearer x' },
    } as const;
    const reply = await bench.client().json(request);
    expect(reply).toMatchObject({ status: 401, headers: { 'x-a': 'b' } });
    expect(reply.body).toEqual({ url: '/v1/models', method: 'GET', accept: 'application/json', authorization: 'Bearer x' });
  });

  it('gives no body where the reply is no JSON', async () => {
    const provider = await bench.http((_request, response) => response.end('<html>'));
    expect(await bench.client().json({ origin: provider.origin, path: '/', method: 'GET' })).toMatchObject({
      status: 200,
      body: undefined,
    });
  });

  it('stops a reply that is larger than asked for', async () => {
    let closed = false;
    const provider = await bench.http((_request, response) => {
      response.on('close', () => (closed = true));
      response.write('x'.repeat(1025));
    });
    const call = bench.client().json({ origin: provider.origin, path: '/', method: 'GET', maxBytes: 1024 });
    await expect(call).rejects.toMatchObject({ name: 'EgressError', kind: 'too_large', sent: true });
    await until(() => closed);
  });

  it('holds its own total limit', async () => {
    const provider = await bench.http(() => undefined);
    const call = bench.client().json({ origin: provider.origin, path: '/', method: 'GET', totalMs: 50 });
    await expect(call).rejects.toMatchObject({ name: 'EgressError', kind: 'timeout_total', sent: true });
  });

  it('rejects with the kind of the failure', async () => {
    const call = bench.client({ allow: 'false' }).json({ origin: 'http://10.0.0.1', path: '/', method: 'GET' });
    await expect(call).rejects.toMatchObject({
      name: 'EgressError',
      kind: 'refused',
      sent: false,
      cause: expect.any(EgressRefusedError),
    });
  });
});
