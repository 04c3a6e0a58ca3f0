import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { startDoctorBench, type DoctorBench } from '../support/doctor-bench.js';
import type { Examination } from '../support/doctor.js';
import { publishOn } from '../support/scripted-provider.js';
import { runAsLogin } from '../support/postgres.js';
import { post, until, untilPublished } from '../support/relay.js';

let bench: DoctorBench;
let admin: readonly string[];

beforeAll(async () => {
  bench = await startDoctorBench();
  admin = ['--admin-token', bench.platform.app.operatorToken];
});
afterAll(() => bench.close());

const here = (...args: string[]): Promise<Examination> => bench.at(bench.platform.app.baseUrl, ...args);
const tenant = (slug: string, change: object) => bench.platform.app.admin('PATCH', `/tenants/${slug}`, change);

/** Examines again until the process has heard of a change of the tenant. */
function untilFound(id: string, ...args: string[]): Promise<Examination> {
  return until(`${id} is found`, async () => {
    const examined = await here(...args);
    return examined.found.includes(id) && examined;
  });
}

describe('a key', () => {
  it.each([
    [(key: string) => key.replace('gtak_', 'sk-'), 'OpenAI'],
    [(key: string) => ` ${key}`, 'blanks'],
    [(key: string) => `Bearer ${key}`, 'Bearer'],
    [(key: string) => key.slice(0, -1), '42 characters'],
    [(key: string) => `${key.slice(0, 20)}-${key.slice(21)}`, 'letters and digits'],
    [(key: string) => key.slice(0, 10) + (key[10] === 'a' ? 'b' : 'a') + key.slice(11), 'checksum'],
    [() => newCredential('gtad_'), 'admin token'],
  ])('that is malformed is told by its text alone, and is not sent', async (spoil, said) => {
    const proxy = await bench.proxy();
    const examined = await bench.at(`${proxy.url}/api/tenant/v1`, '--key', spoil(bench.key.secret));
    expect([examined.found, examined.code]).toEqual([['key-malformed'], 1]);
    expect(examined.seen).toContain(said);
    expect(proxy.authorizations).toEqual([]);
  });

  it('that is no longer good is told by why, and one that nobody has is not', async () => {
    const preset = 'openai-chat-client';
    for (const [options, id] of [
      [{ preset, state: 'revoked' }, 'key-revoked'],
      [{ preset, state: 'disabled' }, 'key-disabled'],
      [{ preset, expiresAt: new Date(Date.now() - 1000) }, 'key-expired'],
      [{ preset, allowedIps: ['192.0.2.1'] }, 'address-not-allowed'],
    ] as const)
      expect((await here('--key', (await bench.newKey(options)).secret)).found).toEqual([id]);
    expect((await here('--key', newCredential('gtak_'))).found).toEqual(['key-unknown']);
    const absent = await here('--key', newCredential('gtak_'), ...admin);
    expect([absent.found, absent.seen]).toEqual([['key-absent'], expect.stringContaining('No key of acme')]);
  });

  it('at the host of another tenant, or of a tenant that is disabled, is told only with an admin token', async () => {
    const { factory, sandbox, app } = bench.platform;
    const other = await factory.tenant('other', `${sandbox.url}/v1`);
    await tenant('other', { hosts: ['localhost'] });
    const local = (...args: string[]) => bench.at(app.baseUrl.replace('127.0.0.1', 'localhost'), ...args);
    await until('the host is taken', async () => (await local()).found.includes('key-unknown'));
    expect(await local(...admin)).toMatchObject({
      found: ['wrong-host'],
      seen: expect.stringContaining('localhost belongs to other'),
    });
    const { secret } = await factory.key(other, { preset: 'openai-chat-client' });
    expect((await local('--key', secret)).found).toEqual([]);
    await tenant('other', { state: 'suspended' });
    await untilFound('tenant-suspended', '--key', secret);
    await tenant('other', { state: 'disabled' });
    await untilFound('key-unknown', '--key', secret);
    expect((await here('--key', secret, ...admin)).found).toEqual(['tenant-disabled']);
    await tenant('other', { hosts: [], state: 'active' });
  });

  it("is looked for with a token of the tenant's own, which names the tenant by itself", async () => {
    const { app } = bench.platform;
    const member = { tenant: 'acme', email: 'owner@acme.example', role: 'owner' };
    expect((await app.admin('POST', '/members', member)).status).toBe(201);
    const token = { tenant: 'acme', member: member.email, role: 'owner', name: 'doctor' };
    const made = await app.admin('POST', '/admin-tokens', token);
    const absent = await here('--key', newCredential('gtak_'), '--admin-token', String(made.body.secret));
    expect([absent.found, absent.seen]).toEqual([['key-absent'], expect.stringContaining('No key of acme')]);
  });

  it('is looked for with a token that is refused', async () => {
    const refused = await here('--key', newCredential('gtak_'), '--admin-token', newCredential('gtad_'));
    expect(refused.found).toEqual(['admin-token-refused']);
  });

  it('that is good is looked at without an admin token that is refused, and that is told', async () => {
    const wrong = ['--admin-token', newCredential('gtad_')];
    expect(await here(...wrong)).toMatchObject({ found: ['admin-token-refused'], code: 1 });
    expect((await here('--model', 'assistent', ...wrong)).found).toEqual(['admin-token-refused', 'model-unknown']);
    const { checks } = await here(...admin);
    expect(checks.find(({ check }) => check === 'admin plane')?.state).toBe('ok');
  });

  it('under approval is told that its calls are held', async () => {
    const { id, secret } = await bench.newKey({ preset: 'openai-chat-client' });
    expect((await bench.platform.app.admin('PATCH', `/keys/${id}?tenant=acme`, { approval: ['*'] })).status).toBe(200);
    await untilFound('call-held', '--key', secret);
  });

  it('without a scope is told which and the presets that have it, and a route that is switched off is not that', async () => {
    const lacking = await here('--route', 'POST /embeddings', '--route', 'POST /chat/completions');
    expect(lacking.found).toEqual(['scope-missing']);
    expect(lacking.seen).toContain('inference:embed. Presets that have it: chat-plus-embeddings');
    const none = await bench.newKey({ scopes: [] });
    expect((await here('--key', none.secret)).found).toEqual(['scope-missing']);
    const { secret } = await bench.newKey({ preset: 'platform-automation' });
    await tenant('acme', { routes_off: ['embeddings'] });
    await untilFound('api-switched-off', '--key', secret, '--route', 'POST /embeddings');
    await tenant('acme', { api_enabled: false, routes_off: [] });
    await untilFound('api-switched-off', '--key', secret);
    await tenant('acme', { api_enabled: true });
    await until('the API is on again', async () => (await here()).found.length === 0);
  });
});

describe('a model', () => {
  it('that the key may not use is named with near names that it may', async () => {
    const examined = await here('--model', 'assistent');
    expect(examined.found).toEqual(['model-unknown']);
    expect(examined.seen).toContain('Near names that the key may use: assistant.');
  });

  it('is told apart with an admin token: not published, not allowed, no scope', async () => {
    const { factory, acme, app } = bench.platform;
    await app.admin('POST', '/agents', {
      tenant: 'acme',
      name: 'drafted',
      models: { chat: { connection: 'main', model: 'sandbox-chat' } },
    });
    await factory.rawModel(acme, 'vectors', 'sandbox-embed', ['embed']);
    await untilPublished(bench.platform, 'vectors');
    const { secret } = await bench.newKey({ preset: 'openai-chat-client', agents: ['assistant'], rawModels: ['vectors'] });
    const asked = async (model: string) => {
      const { found, seen } = await here('--key', secret, '--model', model, ...admin);
      return [found, seen];
    };
    expect(await asked('nothing')).toEqual([['model-unpublished'], expect.stringContaining('assistant')]);
    expect(await asked('drafted')).toEqual([['model-unpublished'], expect.stringContaining('There is an agent drafted')]);
    expect(await asked('raw-chat')).toEqual([['model-not-allowed'], expect.stringContaining('raw_models')]);
    expect(await asked('vectors')).toEqual([['scope-missing'], expect.stringContaining('embed')]);
  });

  it('is missing altogether', async () => {
    const { secret } = await bench.newKey({ preset: 'openai-chat-client', agents: [], rawModels: [] });
    expect((await here('--key', secret)).found).toEqual(['no-models']);
  });
});

describe('a provider', () => {
  it('that cannot be reached', async () => {
    await publishOn(bench.platform, 'http://127.0.0.1:1/v1', 'down');
    expect((await here('--model', 'down')).found).toEqual(['provider-down']);
    expect((await here('--model', 'down', ...admin)).found).toEqual(['provider-down']);
  });

  it('that refuses the key of its connection is one that fails, until the admin plane is asked', async () => {
    await publishOn(bench.platform, `${bench.platform.sandbox.url}/v1`, 'keyless');
    expect((await here('--model', 'keyless')).found).toEqual(['provider-fails']);
    const told = await here('--model', 'keyless', ...admin);
    expect([told.found, told.seen]).toEqual([['provider-key-refused'], expect.stringContaining('status 401')]);
  });

  it.each([
    ['[[status:500]]', 'provider-fails', 'provider-fails'],
    ['[[status:404]]', 'provider-fails', 'provider-model-unknown'],
    ['[[status:429]]', 'rate-limited', 'rate-limited'],
    ['[[status:400]]', 'call-refused', 'call-refused'],
    ['a b [[error-event:1]]', 'provider-fails', 'provider-fails'],
  ])('that answers %s', async (prompt, plain, withToken) => {
    expect((await here('--prompt', prompt)).found).toEqual([plain]);
    expect((await here('--prompt', prompt, ...admin)).found).toEqual([withToken]);
  });

  it('whose login gives no tokens', async () => {
    const { platform } = bench;
    const closed = 'http://127.0.0.1:1';
    const auth = {
      mode: 'oauth',
      grant: 'client_credentials',
      token_endpoint: `${closed}/token`,
      client_id: 'a',
      client_secret: 'b',
    };
    const made = await platform.app.admin('POST', '/connections', {
      tenant: 'acme',
      name: 'login',
      base_url: `${closed}/v1`,
      auth,
    });
    expect(made.status).toBe(201);
    await platform.factory.rawModel({ ...platform.acme, connectionId: String(made.body.id) }, 'signed-in', 'x');
    await untilPublished(platform, 'signed-in');
    expect((await here('--model', 'signed-in')).found).toEqual(['provider-login-lost']);
  });
});

describe('the platform itself', () => {
  it('takes no more calls: that is not a fault of the provider', async () => {
    const { platform } = bench;
    const { factory, acme, app } = platform;
    const connectionId = newId('connection');
    const slow = await factory.run((tx) => tx.connection.findFirstOrThrow({ where: { tenantId: acme.id, name: 'to-slow' } }));
    await factory.run((tx) =>
      tx.connection.create({
        data: {
          tenantId: acme.id,
          id: connectionId,
          name: 'narrow',
          baseUrl: slow.baseUrl,
          limits: { breaker: null, max_parallel: 1 },
        },
      }),
    );
    await factory.rawModel({ ...acme, connectionId }, 'narrow', 'x');
    await untilPublished(platform, 'narrow');
    const body = { model: 'narrow', stream: true, messages: [{ role: 'user', content: 'hi' }] };
    const running = await post({ url: `${app.baseUrl}/chat/completions`, secret: bench.key.secret, body });
    expect((await here('--model', 'narrow')).found).toEqual(['platform-overloaded']);
    await running.text();
  });

  it('has an error of its own', async () => {
    const rename = (from: string, to: string) =>
      runAsLogin(bench.platform.app.databaseUrl, `alter table ${from} rename to ${to}`);
    expect((await here()).found).toEqual([]);
    await rename('key_secrets', 'key_secrets_away');
    try {
      expect((await here()).found).toEqual(['platform-error']);
    } finally {
      await rename('key_secrets_away', 'key_secrets');
    }
  });
});
