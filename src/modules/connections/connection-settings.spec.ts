import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectionHabits } from '../../contracts/connection-habits.js';
import { connectionLimits } from '../../contracts/connection-limits.js';
import { createConnectionRequest, updateConnectionRequest } from '../../contracts/connections.js';
import { AppError } from '../../kernel/app-error.js';
import type { ConnectionRecord } from './connection-record.js';
import { changedSettings, newSettings, type ConnectionSettings } from './connection-settings.js';
import { nothingLearned } from './learned-batch.js';

const stored: ConnectionRecord = {
  tenantId: 'ten_1',
  id: 'con_1',
  name: 'main',
  baseUrl: 'https://api.example.com/v1',
  wire: 'openai',
  authMode: 'header_token',
  secret: new Uint8Array([1]),
  headers: null,
  headerNames: [],
  furtherTokens: null,
  furtherTokenCount: 0,
  options: { paths: {}, header: 'x-key', prefix: '', dropped_fields: ['models'] },
  embeddingBatchSize: 16,
  ...nothingLearned,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  habits: {},
  limits: {},
  tenant: { slug: 'acme' },
  login: null,
  proxyUrl: null,
  proxySecret: null,
  ca: null,
  fineTuning: 'off',
  publishFineTuned: false,
};

function change(input: object, before = stored): ConnectionSettings {
  const request = updateConnectionRequest.parse(input);
  return changedSettings(before, request, request.base_url === undefined ? undefined : new URL(request.base_url));
}

describe('changedSettings', () => {
  it('keeps a stored secret only on the very origin that it was entered for', () => {
    const origins = fc.constantFrom(
      'https://api.example.com',
      'http://api.example.com',
      'https://api.example.com:8443',
      'https://evil.example',
      'https://api.example.com.evil.example',
    );
    const auths = fc.constantFrom(
      undefined,
      { mode: 'header_token' },
      { mode: 'header_token', header: 'authorization' },
      { mode: 'none' },
    );
    fc.assert(
      fc.property(origins, fc.constantFrom('', '/v1', '/v2/'), auths, (origin, path, auth) => {
        let settings: ConnectionSettings | undefined;
        try {
          settings = change({ base_url: origin + path, ...(auth === undefined ? {} : { auth }) });
        } catch (error) {
          if (!(error instanceof AppError) || error.param !== 'auth.token') throw error;
        }
        const keeps = settings?.token === undefined && settings !== undefined;
        expect(keeps).toBe(origin === 'https://api.example.com' && auth?.mode !== 'none');
      }),
    );
  });

  it('leaves what is not given as it was', () => {
    expect(change({})).toEqual({
      name: 'main',
      baseUrl: stored.baseUrl,
      wire: 'openai',
      authMode: 'header_token',
      options: stored.options,
      habits: connectionHabits.parse({}),
      limits: connectionLimits.parse({}),
      embeddingBatchSize: 16,
      headers: { names: [], given: new Map(), kept: [] },
      token: undefined,
      furtherTokens: [],
      login: null,
      way: { proxyUrl: null, proxyLogin: undefined, ca: null },
      fineTuning: 'off',
      publishFineTuned: false,
    });
    expect(change({ auth: { mode: 'header_token', prefix: 'Key' } }).options).toMatchObject({ header: 'x-key', prefix: 'Key' });
  });

  it('changes of the limits only what is given; a breaker that was off begins with its defaults', () => {
    const limits = (input: object, before = {}) => change({ limits: input }, { ...stored, limits: before }).limits;
    const usual = { failures: 10, rest_seconds: 15 };
    expect(limits({})).toEqual({ max_parallel: null, breaker: usual });
    expect(limits({ max_parallel: 5 }, { breaker: null })).toEqual({ max_parallel: 5, breaker: null });
    expect(limits({ breaker: null }, { max_parallel: 5 })).toEqual({ max_parallel: 5, breaker: null });
    expect(limits({ breaker: { failures: 3 } }, { breaker: { failures: 5, rest_seconds: 60 } }).breaker).toEqual({
      failures: 3,
      rest_seconds: 60,
    });
    expect(limits({ breaker: { failures: 3 } }, { breaker: null }).breaker).toEqual({ ...usual, failures: 3 });
    expect(limits({ max_parallel: null }, { max_parallel: 5, breaker: null }).max_parallel).toBeNull();
  });

  it('forgets the secret and its place with the mode none', () => {
    const settings = change({ auth: { mode: 'none' } });
    expect(settings.token).toBeNull();
    expect(settings.options).toEqual({ paths: {}, dropped_fields: ['models'] });
  });

  it('takes a wire that a package speaks with a token and without paths of its own alone', () => {
    const spoken = { wire: 'sdk:mistral', auth: { mode: 'header_token', token: 't' } };
    expect(change(spoken).wire).toBe('sdk:mistral');
    expect(change({ ...spoken, paths: { models: '/list' } }).options.paths).toEqual({ models: '/list' });
    for (const [further, param] of [
      [{ auth: { mode: 'none' } }, 'auth'],
      [{ paths: { chat: '/talk' } }, 'paths'],
      [{ paths: { images: '/paint' } }, 'paths'],
    ] as const)
      expect(() => change({ ...spoken, ...further })).toThrow(expect.objectContaining({ code: 'invalid_value', param }));
  });

  it('keeps the version of an API with its wire, and asks Azure for one where its calls need it', () => {
    const version = { ...stored, wire: 'azure', options: { ...(stored.options as object), api_version: '2024-10-21' } };
    expect(change({}, version).options.api_version).toBe('2024-10-21');
    expect(change({ wire: 'openai' }, version).options).toEqual(stored.options);
    expect(change({ api_version: null }, version).options).toEqual(stored.options);
    expect(() => change({ api_version: null, base_url: 'https://api.example.com/openai' }, version)).toThrow(
      expect.objectContaining({ code: 'missing_required_parameter', param: 'api_version' }),
    );
    expect(() => change({ api_version: 'preview' })).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'api_version' }),
    );
  });

  it('makes fine-tuning jobs only over wires that have them, and publishes their models only where they can be called', () => {
    const on = { ...stored, fineTuning: 'on', publishFineTuned: true };
    expect(change({})).toMatchObject({ fineTuning: 'off', publishFineTuned: false });
    expect(change({ name: 'other' }, on)).toMatchObject({ fineTuning: 'on', publishFineTuned: true });
    expect(change({ fine_tuning: 'off' }, on)).toMatchObject({ fineTuning: 'off', publishFineTuned: true });
    const wrong = (param: string) => expect.objectContaining({ code: 'invalid_value', param });
    for (const wire of ['chat', 'responses', 'anthropic', 'gemini'])
      expect(() => change({ fine_tuning: 'on', wire })).toThrow(wrong('fine_tuning'));
    expect(() => change({ wire: 'chat' }, on)).toThrow(wrong('fine_tuning'));
    const azure = { wire: 'azure', base_url: 'https://api.example.com/openai/v1' };
    expect(change({ ...azure, fine_tuning: 'on' })).toMatchObject({ fineTuning: 'on' });
    expect(() => change({ ...azure, publish_fine_tuned: true })).toThrow(wrong('publish_fine_tuned'));
  });

  it('asks for a token where none is stored', () => {
    const none = { ...stored, authMode: 'none', secret: null };
    expect(() => change({ auth: { mode: 'header_token' } }, none)).toThrow(
      expect.objectContaining({ code: 'missing_required_parameter', param: 'auth.token' }),
    );
    expect(change({ auth: { mode: 'header_token', token: 't' } }, none).token).toBe('t');
  });
});

describe('newSettings', () => {
  const create = (input: object) => {
    const request = createConnectionRequest.parse({ name: 'main', base_url: 'https://api.example.com/v1/', ...input });
    return newSettings(request, new URL(request.base_url));
  };

  it('saves an address without the slash at its end', () => {
    expect(create({}).baseUrl).toBe('https://api.example.com/v1');
  });

  const given = { mode: 'oauth', client_id: 'x', token_endpoint: 'https://a.example/token' };
  it.each([
    [{ client_id: undefined }, 'auth.client_id'],
    [{ token_endpoint: undefined }, 'auth.token_endpoint'],
    [{ grant: 'authorization_code' }, 'auth.authorization_endpoint'],
    [{ grant: 'device_code' }, 'auth.device_authorization_endpoint'],
  ])('wants to know where a login asks for tokens, and as whom: %j', (change, param) => {
    expect(() => create({ auth: { ...given, ...change } })).toThrow(
      expect.objectContaining({ code: 'missing_required_parameter', param }),
    );
  });

  it('lets calls sign in at once where nobody has to', () => {
    const of = (grant: string) => create({ auth: { mode: 'oauth', client_id: 'x', issuer: 'https://a.example', grant } }).login;
    expect([of('client_credentials')?.state, of('authorization_code')?.state]).toEqual(['in', 'out']);
  });
});
