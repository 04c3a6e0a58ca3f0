import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { contractRows } from '../support/contract-table.js';
import { expectError } from '../support/envelope.js';
import { matrixRows } from '../support/matrix.js';
import { rawCall, requestBytes } from '../support/raw-http.js';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await startApp();
  url = app.url;
});
afterAll(() => app.close());

describe('what no row answers', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/api'],
    ['GET', '/api/tenants'],
    ['GET', '/api/tenant/v2/models'],
    ['POST', '/api/tenant/v1/foo'],
    ['POST', '/v1/chat/completions'],
    ['GET', '/api/tenant/v1/v1/v1/models'],
    ['GET', '/api/tenant/V1/models'],
    ['GET', '/api/admin/v1/nothing'],
    ['PUT', '/nowhere?access_token=gtak_x'],
  ])('%s %s answers 404 without a key and names the base URL', async (method, path) => {
    const { host } = new URL(url);
    expectError(
      await rawCall(
        url,
        requestBytes(method, path, [
          ['Host', host],
          ['Content-Length', '0'],
        ]),
      ),
      {
        status: 404,
        type: 'invalid_request_error',
        code: 'unknown_url',
        param: null,
        message: `Invalid URL (${method} ${path.split('?')[0] ?? ''}). The base URL of this API is http://${host}/api/tenant/v1.${path === '/' ? ` Its reference is at http://${host}/docs.` : ''}`,
      },
    );
  });

  const paths = [...new Set(matrixRows.map(({ path }) => path))];
  it.each(paths)('%s answers a wrong method with 405 and Allow, without a key', async (path) => {
    const allowed = [
      ...new Set(
        contractRows
          .filter((row) => patternOf(row.path).test(path))
          .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
      ),
    ].sort();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'PROPFIND'].filter(
      (name) => !allowed.includes(name),
    )) {
      for (const base of ['/api/tenant/v1', '/api/tenant', '/api/tenant/v1/v1/']) {
        const reply = await rawCall(
          url,
          requestBytes(method, base + path, [
            ['Host', new URL(url).host],
            ['Content-Length', '0'],
          ]),
        );
        if (method === 'HEAD') expect(reply.status).toBe(405);
        else expectError(reply, { status: 405, type: 'invalid_request_error', code: 'method_not_allowed', param: null });
        expect(reply.headers['allow']?.split(', ').sort()).toEqual(allowed);
      }
    }
  });

  it.each(['/healthz', '/readyz', '/openapi.json', '/docs', '/docs/reader.js', '/api/tenant/v1', '/api/tenant'])(
    '%s answers a wrong method with 405',
    async (path) => {
      const reply = await rawCall(url, requestBytes('DELETE', path, [['Host', new URL(url).host]]));
      expectError(reply, { status: 405, code: 'method_not_allowed' });
      expect(reply.headers['allow']).toBe('GET, HEAD');
    },
  );

  it.each(paths)('%s answers a preflight without a key, for any origin and header', async (path) => {
    const reply = await rawCall(
      url,
      requestBytes('OPTIONS', `/api/tenant${path}`, [
        ['Host', new URL(url).host],
        ['Origin', 'https://app.example'],
        ['Access-Control-Request-Method', 'POST'],
        ['Access-Control-Request-Headers', 'authorization, x-stainless-os'],
      ]),
    );
    expect([
      reply.status,
      reply.headers['access-control-allow-origin'],
      reply.headers['access-control-allow-headers'],
      reply.headers['access-control-max-age'],
    ]).toEqual([204, '*', 'authorization, x-stainless-os', '86400']);
    expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('tells a web page which headers of a reply it may read', async () => {
    const get = (headers: [string, string][]) =>
      rawCall(url, requestBytes('GET', '/api/tenant/v1/models', [['Host', new URL(url).host], ...headers]));
    const page = await get([['Origin', 'https://app.example']]);
    expect(page.headers['access-control-allow-origin']).toBe('*');
    expect(page.headers['access-control-expose-headers']).toContain('x-gt-conversation-id');
    expect((await get([])).headers['access-control-expose-headers']).toBeUndefined();
  });
});

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace('{model}', '.+').replace(/\{[a-z_]+\}/g, '[^/]+')}$`);
}
