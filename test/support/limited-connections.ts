import { startApp, type ApiReply, type TestApp } from './app.js';
import { post, until } from './relay.js';

/** A platform whose connections a test makes with limits of their own; each has a raw model of its name. */
export interface LimitedConnections {
  readonly app: TestApp;
  /** Of the tenant. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Makes a connection and a raw model of the same name. @returns the connection's id. */
  connect(name: string, base_url: string, limits: object, tenant?: string): Promise<string>;
  make(path: string, body: object, tenant?: string): Promise<ApiReply>;
  /** One chat with the raw model. */
  ask(model: string, more?: Asking): Promise<Response>;
  close(): Promise<void>;
}

export interface Asking {
  readonly tenant?: string;
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
  readonly body?: object;
}

/** Starts the platform with the tenants `acme` and `globex`. */
export async function startLimitedConnections(settings: Record<string, string> = {}): Promise<LimitedConnections> {
  const app = await startApp({ settings });
  const make = async (path: string, body: object, tenant = 'acme') => {
    const reply = await app.admin('POST', path, { tenant, ...body });
    if (reply.status >= 300) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
    return reply;
  };
  const secrets: Record<string, string> = {};
  for (const slug of ['acme', 'globex']) {
    await app.admin('POST', '/tenants', { slug });
    const names = { agents: ['*'], raw_models: ['*'], datasets: ['*'] };
    const { body } = await make('/keys', { name: 'client', preset: 'platform-automation', ...names }, slug);
    secrets[slug] = (body as { secret: string }).secret;
  }
  const connect = async (name: string, base_url: string, limits: object, tenant = 'acme'): Promise<string> => {
    const { body } = await make('/connections', { name, base_url, limits }, tenant);
    await make('/endpoints', { name, raw_model: { connection: name, model: `model-of-${name}` } }, tenant);
    const headers = { authorization: `Bearer ${secrets[tenant]}` };
    await until(`${name} is published`, async () => (await fetch(`${app.baseUrl}/models/${name}`, { headers })).status === 200);
    return (body as { id: string }).id;
  };
  const ask = (model: string, { tenant = 'acme', stream = false, signal, body = {} }: Asking = {}): Promise<Response> =>
    post({
      url: `${app.baseUrl}/chat/completions`,
      secret: secrets[tenant] ?? '',
      body: { model, stream, messages: [{ role: 'user', content: 'Hello' }], ...body },
      ...(signal === undefined ? {} : { signal }),
    });
  return { app, secrets, connect, make, ask, close: () => app.close() };
}
