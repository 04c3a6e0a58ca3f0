import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../config/load-config.js';
import { Addresses } from './addresses.js';
import { allowanceWith, readUpSettings } from './up-settings.js';
import { welcomeText } from './welcome.js';

describe('the settings of up', () => {
  it('need nothing from the outside', () => {
    const settings = readUpSettings({});
    expect(settings.databaseUrl).toBeUndefined();
    expect(settings.openai).toBeNull();
    expect(settings.config.GT_PORT).toBe(3000);
  });

  it('are checked before anything starts, each wrong one named', () => {
    const read = () => readUpSettings({ GT_PORT: 'door', GT_SECRET_KEYS: 'short', DATABASE_URL: 'mysql://x', GT_PROT: '1' });
    expect(read).toThrow(ConfigError);
    for (const name of [/GT_PORT/, /GT_SECRET_KEYS/, /DATABASE_URL/, /GT_PROT/]) expect(read).toThrow(name);
  });

  it('an empty variable counts as not set', () => {
    const settings = readUpSettings({ DATABASE_URL: '', OPENAI_API_KEY: '', GT_SECRET_KEYS: '' });
    expect(settings.databaseUrl).toBeUndefined();
    expect(settings.openai).toBeNull();
  });

  it('take a real provider from the OpenAI variables', () => {
    expect(readUpSettings({ OPENAI_API_KEY: 'sk-1' }).openai).toEqual({
      apiKey: 'sk-1',
      baseUrl: 'https://api.openai.com/v1',
      model: undefined,
    });
    const own = readUpSettings({ OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://h:1/v1', OPENAI_MODEL: 'm' });
    expect(own.openai).toEqual({ apiKey: 'sk-1', baseUrl: 'http://h:1/v1', model: 'm' });
  });
});

describe('the private addresses that providers may have', () => {
  it.each([
    [undefined, '127.0.0.1:4120'],
    ['', '127.0.0.1:4120'],
    ['127.0.0.1:11434, 10.0.0.0/8', '127.0.0.1:4120,127.0.0.1:11434, 10.0.0.0/8'],
    ['true', 'true'],
    ['False', 'False'],
  ])('%j are %j: a list has the sandbox too', (given, allowed) => {
    expect(allowanceWith(given, 4120)).toBe(allowed);
  });
});

describe('the addresses', () => {
  it('lead to this machine whatever the API listens on', () => {
    expect(new Addresses('0.0.0.0', 3000, 4120).baseUrl).toBe('http://127.0.0.1:3000/api/tenant/v1');
    expect(new Addresses('::', 3000, 4120).adminUrl).toBe('http://127.0.0.1:3000/api/admin/v1');
    expect(new Addresses('::1', 3000, 4120).origin).toBe('http://[::1]:3000');
    expect(new Addresses('10.1.2.3', 3000, 4120).sandboxUrl).toBe('http://127.0.0.1:4120/v1');
  });
});

describe('the welcome', () => {
  const facts = { addresses: new Addresses('127.0.0.1', 3000, 4120), publicUrl: undefined, dataDir: '/data' };
  const keys = [{ name: 'first-key', explanation: 'for chat', secret: 'gtak_one' }];

  it('shows base URL, keys, owner token, a curl line and an SDK snippet at the start that made them', () => {
    const text = welcomeText({
      ...facts,
      seed: { keys, ownerToken: 'gtad_owner', ownerSignIn: { email: 'owner@demo.example', password: 'p4ss' } },
    });
    expect(text).toContain('http://127.0.0.1:3000/api/tenant/v1');
    expect(text).toMatch(/^Key first-key +gtak_one +for chat$/m);
    expect(text).toMatch(/^Owner token +gtad_owner /m);
    expect(text).toMatch(/^Owner sign-in +owner@demo\.example +p4ss +tenant demo/m);
    expect(text).toMatch(
      /^curl http:\/\/127\.0\.0\.1:3000\/api\/tenant\/v1\/chat\/completions .*Bearer gtak_one.*"model":"assistant"/m,
    );
    expect(text).toMatch(/^const client = new OpenAI\(\{ baseURL: '.*\/api\/tenant\/v1', apiKey: 'gtak_one' \}\);$/m);
  });

  it('shows no secret at a later start', () => {
    expect(welcomeText({ ...facts, seed: null })).not.toMatch(/gta[kd]_/);
  });
});
