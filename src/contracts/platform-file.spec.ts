import { describe, expect, it } from '@jest/globals';
import { fieldFaults } from './field-faults.js';
import { platformFile, writtenPlatformFile } from './platform-file.js';

function faults(value: unknown, schema: typeof platformFile | typeof writtenPlatformFile = platformFile): string[] {
  const result = schema.safeParse(value, { reportInput: true });
  return result.success ? [] : fieldFaults(result.error).map(({ path, message }) => `${path} ${message}`);
}

const key = { name: 'a', preset: 'openai-chat-client' };

describe('the file of gt apply', () => {
  it('refuses unknown fields at every depth with their full path, all of them at once', () => {
    const file = {
      tenant: 1,
      tenants: [
        { slug: 'a', hostz: [], limits: { rpm: 1 } },
        {
          slug: 'b',
          connections: [{ name: 'm', base_url: 'http://a.example', auth: { mode: 'none', token: 'x' } }],
          endpoints: [{ name: 'e', raw_model: { connection: 'm', model: 'x', modality: 'chat' } }],
          keys: [key, { ...key, name: 'b', presett: 'x', prompt_policy: { guardrails: [{ module: 'moderation', terms: [] }] } }],
        },
      ],
    };
    expect(faults(file).sort()).toEqual([
      'tenant is not known here',
      'tenants[0].hostz is not known here',
      'tenants[0].limits.rpm is not known here',
      'tenants[1].connections[0].auth.token is not known here',
      'tenants[1].endpoints[0].raw_model.modality is not known here',
      'tenants[1].keys[1].presett is not known here',
      'tenants[1].keys[1].prompt_policy.guardrails[0].terms is not known here',
    ]);
  });

  it('tells missing fields, wrong types and names that are none', () => {
    const connection = { name: 'm', base_url: 'ftp://a.example', auth: { mode: 'basic' } };
    expect(faults({ tenants: [{ slug: 'A', connections: [connection], keys: [{}, { ...key, expires_at: 'soon' }] }] })).toEqual([
      expect.stringMatching(/^tenants\[0\]\.slug must hold lower-case letters/),
      expect.stringMatching(/^tenants\[0\]\.connections\[0\]\.base_url must be an http or https address/),
      expect.stringMatching(/^tenants\[0\]\.connections\[0\]\.auth\.mode /),
      'tenants[0].keys[0].name is missing',
      'tenants[0].keys[1].expires_at must be Unix seconds, a date in UTC like 2027-01-01, or a time like 2027-01-01T08:00:00Z',
    ]);
  });

  it('refuses what it says twice', () => {
    const tenant = {
      slug: 'a',
      hosts: ['x.example'],
      keys: [key, key],
      endpoints: ['e', 'f'].map((name) => ({ name, agent: 'a', default: true })),
    };
    expect(faults({ tenants: [tenant, { slug: 'a', hosts: ['X.example'] }] })).toEqual([
      'tenants[0].keys[1].name is given twice: another of the keys is named "a" too',
      'tenants[0].endpoints[1].default is true on a second endpoint of this tenant',
      'tenants[1].slug names the tenant a a second time',
      'tenants[1].hosts[0] gives the host x.example to a second tenant',
    ]);
  });

  it('asks for a preset, or purpose and scopes', () => {
    const withKey = (entry: object) => faults({ tenants: [{ slug: 'a', keys: [{ name: 'k', ...entry }] }] });
    expect(withKey({ purpose: 'inference' })).toEqual(['tenants[0].keys[0].preset must be given, or purpose and scopes']);
    expect(withKey({ purpose: 'inference', scopes: ['inference:chat'] })).toEqual([]);
  });

  it('takes token_env where people write it, beside no token, and not where it is sent', () => {
    const file = (auth: object) => ({
      tenants: [
        { slug: 'a', connections: [{ name: 'm', base_url: 'http://a.example', auth: { mode: 'header_token', ...auth } }] },
      ],
    });
    expect(faults(file({ token_env: 'KEY' }), writtenPlatformFile)).toEqual([]);
    expect(faults(file({ token_env: 'KEY', token: 'x' }), writtenPlatformFile)).toEqual([
      'tenants[0].connections[0].auth.token_env must not stand beside token: give one of them',
    ]);
    expect(faults(file({ token_env: 'KEY' }))).toEqual(['tenants[0].connections[0].auth.token_env is not known here']);
    expect(faults(file({ token: 'two words' })).join()).not.toContain('two words');
  });

  it('gives a connection what its provider says, and its name', () => {
    const connections = [{ provider: 'groq' }, { provider: 'ollama', name: 'own', wire: 'responses' }];
    expect(writtenPlatformFile.parse({ tenants: [{ slug: 'a', connections }] }).tenants[0]?.connections).toMatchObject([
      { name: 'groq', base_url: 'https://api.groq.com/openai/v1', wire: 'chat', auth: { mode: 'header_token' } },
      { name: 'own', base_url: 'http://127.0.0.1:11434/v1', wire: 'responses', auth: { mode: 'none' } },
    ]);
    expect(faults({ tenants: [{ slug: 'a', connections: [{ provider: 'azure' }, {}] }] })).toEqual([
      'tenants[0].connections[0].base_url must be given for Azure OpenAI, like https://NAME.openai.azure.com/openai/v1',
      'tenants[0].connections[1].name is missing',
      'tenants[0].connections[1].base_url is missing',
    ]);
    expect(faults({ tenants: [{ slug: 'a', connections: [{ provider: 'groq' }, { provider: 'groq' }] }] })).toEqual([
      'tenants[0].connections[1].name is given twice: another of the connections is named "groq" too',
    ]);
  });

  it('what it has read it reads again as the same', () => {
    const file = {
      tenants: [
        {
          slug: 'a',
          hosts: ['X.example'],
          limits: { requests_per_minute: 1 },
          connections: [{ provider: 'groq', paths: { models: '/list' } }],
          keys: [{ ...key, expires_at: '2099-01-01T00:00:00Z', limits: { parallel_requests: null } }],
          agents: [{ name: 'h', models: { chat: { connection: 'm', model: 'x' } } }],
        },
      ],
    };
    const once = platformFile.parse(file);
    expect(platformFile.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });
});
