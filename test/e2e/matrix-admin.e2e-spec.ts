import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { newCredential } from '../../src/kernel/credentials.js';
import { tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectDescribed } from '../support/described.js';
import { expectError } from '../support/envelope.js';
import { bearer, filled } from '../support/matrix.js';
import { exampleOf } from '../support/row-example.js';
import { invited } from '../support/sign-in.js';
import { rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';

let app: TestApp;
let url: string;
/** A live key of the data plane. */
let key: string;
const tokens: Record<string, string> = {};
const cookies: Record<string, string> = {};

beforeAll(async () => {
  app = await startApp();
  url = app.url;
  await app.admin('POST', '/tenants', { slug: 'acme' });
  await app.admin('POST', '/tenants', { slug: 'other' });
  const { body } = await app.admin('POST', '/keys', { tenant: 'acme', name: 'full', preset: 'platform-automation' });
  key = body.secret as string;
  expect((await fetch(`${app.baseUrl}/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
});
afterAll(() => app.close());

describe.each(adminRouteIds.map((id) => [id]))('admin %s', (id) => {
  const row = adminRouteRow(id);
  const { role } = row;
  const roles = ['viewer', 'manager', 'owner'] as const;
  const ask = async (headers: HeaderList, more = ''): Promise<RawReply> => {
    const reply = await rawCall(
      url,
      requestBytes(row.method, `/api/admin/v1${filled(row.path)}${more}`, [
        ['Host', new URL(url).host],
        ...headers,
        ['Content-Type', 'application/json'],
        ['Content-Length', '5000000'],
      ]),
    );
    expectDescribed(`admin.${id}`, reply);
    return reply;
  };

  if (role === 'anyone') {
    it('is for whoever has nothing to show, except for pages of other sites: 403, before the body', async () => {
      expectError(await ask([]), { status: 403, code: 'cross_site_request' });
      for (const site of ['cross-site', 'same-site', 'none'])
        expectError(await ask([['Sec-Fetch-Site', site]]), { status: 403, code: 'cross_site_request' });
      expectError(await ask([['Origin', 'https://evil.example']]), { status: 403, code: 'cross_site_request' });
    });
    return;
  }

  it('refuses whoever has no token, a wrong one, a key, or the token elsewhere: 401, before the body', async () => {
    expectError(await ask([]), { status: 401, type: 'invalid_request_error', code: null, param: null });
    for (const secret of [newCredential('gtad_'), 'gtad_short', key])
      expectError(await ask(bearer(secret)), {
        status: 401,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
        message: /^Incorrect admin token provided: /,
      });
    expectError(await ask([], `?access_token=${app.operatorToken}`), { status: 401, code: null });
    expectError(await ask([['Cookie', `token=${app.operatorToken}`]]), { status: 401, code: null });
  });

  it('refuses every role below its own: 403, before the body', async () => {
    const below = role === 'operator' ? roles : roles.slice(0, roles.indexOf(role));
    for (const lower of below)
      for (const credential of [bearer(await roleToken(lower)), await signedIn(lower)])
        expectError(await ask(credential), {
          status: 403,
          type: 'invalid_request_error',
          code: 'insufficient_role',
          param: null,
        });
  });

  it('refuses a session that a page of another site has brought, of whatever role: 403, before the body', async () => {
    const [cookie] = await signedIn('owner');
    const isRead = row.method === 'GET';
    const sites = isRead ? ['cross-site', 'same-site'] : ['cross-site', 'same-site', 'none'];
    for (const site of sites)
      expectError(await ask([cookie, ['Sec-Fetch-Site', site]]), { status: 403, code: 'cross_site_request' });
    if (!isRead) expectError(await ask([cookie]), { status: 403, code: 'cross_site_request' });
    expectError(await ask([['Cookie', 'gt_session=gtss_0000000000000000000000000000000000000000000']]), { status: 401 });
  });

  if (row.plane === 'tenant')
    it('lets nobody name another tenant, of whatever role and signed in or not: 404, or 403 for a role below its own', async () => {
      const takes = (schema: unknown): boolean =>
        Object.hasOwn((schema as { shape?: object } | undefined)?.shape ?? {}, 'tenant');
      const takesQuery = takes(row.query);
      const given = row.request === undefined || row.body === 'multipart' ? {} : exampleOf(row.request, {});
      const body = row.body === 'json' ? JSON.stringify(takes(row.request) ? { ...given, tenant: 'other' } : given) : '';
      const name = async (credential: HeaderList): Promise<RawReply> =>
        rawCall(
          url,
          requestBytes(
            row.method,
            `/api/admin/v1${filled(row.path, row.path.startsWith('/tenants') ? 'other' : undefined)}${takesQuery ? '?tenant=other' : ''}`,
            [
              ['Host', new URL(url).host],
              ...credential,
              ['Content-Type', row.body === 'multipart' ? 'multipart/form-data; boundary=x' : 'application/json'],
              ['Content-Length', String(body.length)],
            ],
            body,
          ),
        );
      for (const own of roles)
        for (const credential of [bearer(await roleToken(own)), await signedIn(own)])
          expect([own, (await name(credential)).status]).toEqual([
            own,
            role !== 'operator' && roles.indexOf(own) >= roles.indexOf(role) ? 404 : 403,
          ]);
    });

  const others = {
    none: [],
    json: ['text/plain', 'multipart/form-data; boundary=x'],
    multipart: ['text/plain', 'application/json'],
  };
  it('refuses every body of another kind than its row says: 415, before the body', async () => {
    const sent = async (type: string): Promise<RawReply> =>
      rawCall(
        url,
        requestBytes(row.method, `/api/admin/v1${filled(row.path)}`, [
          ['Host', new URL(url).host],
          ...bearer(app.operatorToken),
          ['Content-Type', type],
          ['Content-Length', '5000000'],
        ]),
      );
    for (const type of others[row.body]) expectError(await sent(type), { status: 415, code: 'unsupported_media_type' });
    // What needs no body takes one that may be left out, or none.
    if (row.body === 'none') expect(row.request?.safeParse({}).success ?? true).toBe(true);
    else expect(row.request !== undefined || row.body === 'multipart').toBe(true);
  });

  if (row.query !== undefined)
    it('refuses a query parameter that its row does not name: 400', async () => {
      const body = row.body === 'json' ? '{}' : '';
      const reply = await rawCall(
        url,
        requestBytes(
          row.method,
          `/api/admin/v1${filled(row.path, 'acme')}?no_such=1`,
          [
            ['Host', new URL(url).host],
            ...bearer(app.operatorToken),
            ['Content-Type', row.body === 'multipart' ? 'multipart/form-data; boundary=x' : 'application/json'],
            ['Content-Length', String(body.length)],
          ],
          body,
        ),
      );
      expectError(reply, { status: 400, code: 'unsupported_parameter', param: 'no_such' });
    });

  it('allows no web page to call it', async () => {
    const reply = await ask([['Origin', 'https://evil.example']]);
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await rawCall(
      url,
      requestBytes('OPTIONS', `/api/admin/v1${filled(row.path)}`, [
        ['Host', new URL(url).host],
        ['Origin', 'https://evil.example'],
        ['Access-Control-Request-Method', row.method],
      ]),
    );
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  });
});

/** The cookie of somebody of this role who is signed in to acme, on a page of the platform. */
async function signedIn(role: 'viewer' | 'manager' | 'owner'): Promise<[[string, string], [string, string]]> {
  cookies[role] ??= (await invited(app, 'acme', role)).browser.cookie ?? '';
  return [
    ['Cookie', cookies[role]],
    ['Sec-Fetch-Site', 'same-origin'],
  ];
}

/** A token of this role in acme, made once. */
async function roleToken(role: 'viewer' | 'manager' | 'owner'): Promise<string> {
  tokens[role] ??= await tokenOf(app, 'acme', role);
  return tokens[role];
}
