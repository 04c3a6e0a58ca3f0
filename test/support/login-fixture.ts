import pg from 'pg';
import { startApp, type ApiReply, type TestApp, type TestAppOptions } from './app.js';
import { startLoginProvider, type LoginProvider } from './login-provider.js';
import { until } from './until.js';

/** The API with a tenant `acme` whose connection has a login, its provider, and a key. */
export interface LoginPlatform {
  readonly app: TestApp;
  readonly provider: LoginProvider;
  readonly key: { readonly secret: string };
  /** A new connection with a raw model of its own name. @param auth what differs from the provider's own. */
  connect(name: string, auth: object, more?: object): Promise<string>;
  /** The connection as it is shown. */
  shown(id: string): Promise<ApiReply['body']>;
  /** Puts the end of the access token that is stored into the past, and waits until the processes know it. */
  endToken(id: string): Promise<void>;
  /** What the database answers. */
  query(text: string, values: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** @param more answers calls of the API in its own way; false for one that it leaves. */
export async function startLoginPlatform(
  options: TestAppOptions = {},
  more?: Parameters<typeof startLoginProvider>[0],
): Promise<LoginPlatform> {
  const provider = await startLoginProvider(more);
  const app = await startApp(options);
  await app.admin('POST', '/tenants', { slug: 'acme' });
  const key = await app.admin('POST', '/keys', { tenant: 'acme', name: 'all', preset: 'platform-automation', raw_models: ['*'] });
  const made = async (path: string, body: object): Promise<ApiReply['body']> => {
    const reply = await app.admin('POST', path, { tenant: 'acme', ...body });
    if (reply.status !== 201) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  const query: LoginPlatform['query'] = async (text, values) => {
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  const shown = async (id: string) => (await app.admin('GET', `/connections/${id}?tenant=acme`)).body;
  return {
    app,
    provider,
    key: { secret: key.body.secret as string },
    shown,
    connect: async (name, auth, more = {}) => {
      const body = { name, base_url: `${provider.url}/v1`, auth: { ...provider.auth, ...auth }, ...more };
      const { id } = await made('/connections', body);
      await made('/endpoints', { name, raw_model: { connection: name, model: 'big' } });
      await until(`${name} is published`, async () => {
        const headers = { authorization: `Bearer ${key.body.secret}` };
        return (await fetch(`${app.baseUrl}/models/${name}`, { headers })).status === 200;
      });
      return id as string;
    },
    query,
    endToken: async (id) => {
      const times = `obtained_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'`;
      await query(`update connection_logins set number = number, ${times} where id = $1`, [id]);
    },
    close: async () => {
      await app.close();
      await provider.close();
    },
  };
}
