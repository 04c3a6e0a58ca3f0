import { describe, expect, it } from '@jest/globals';
import { createConnectionRequest } from '../../contracts/connections.js';
import { fieldFaults } from '../../contracts/field-faults.js';
import { providerAt, providerIds, providerOf, type ProviderId } from '../../contracts/providers.js';
import type { ConnectionWire } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';
import { EgressPolicy } from '../../platform/upstream/egress-policy.js';
import { newSettings } from './connection-settings.js';
import { providerPlaces } from './provider-places.js';

/** Everything that has to be typed for a provider, with names in place of the capitals of its address. */
function leastOf(id: ProviderId): object {
  const { address, signsIn } = providerOf(id);
  return {
    provider: id,
    ...('like' in address ? { base_url: address.like.replace(/[A-Z]+/g, 'mine') } : {}),
    ...(signsIn === 'none' ? {} : { auth: { mode: 'header_token', token: 'secret' } }),
  };
}

const settingsOf = (input: object) => {
  const request = createConnectionRequest.parse(input);
  return newSettings(request, new URL(request.base_url));
};

const isLocal = (id: ProviderId) => {
  const { address } = providerOf(id);
  return 'url' in address && address.url.startsWith('http:');
};

describe('a connection to a known provider', () => {
  it.each(providerIds)('%s is made of its name, its token and what only its customer knows', (id) => {
    const settings = settingsOf(leastOf(id));
    const { wire, signsIn, paths = {} } = providerOf(id);
    expect(settings).toMatchObject({ name: id, wire, authMode: signsIn, options: { paths } });
    const places = providerPlaces(settings);
    expect(places.models).toBe(`${places.basePath.replace(/\/$/, '')}/models`);
  });

  it.each(providerIds)('%s is known by its address or its wire, unless it is a local server', (id) => {
    const { baseUrl, wire } = settingsOf(leastOf(id));
    expect(providerAt(baseUrl, wire as ConnectionWire)).toBe(isLocal(id) ? undefined : id);
  });

  it('is never called over plain http, except on the own machine', async () => {
    const policy = new EgressPolicy('false', () => Promise.resolve([]));
    for (const id of providerIds) {
      const { baseUrl } = settingsOf(leastOf(id));
      const judged = policy.judgeUrl(baseUrl);
      if (isLocal(id)) await expect(judged).rejects.toThrow('GT_ALLOW_PRIVATE_UPSTREAMS');
      else expect((await judged).protocol).toBe('https:');
    }
  });

  it('without a token is refused where the provider wants one', () => {
    for (const id of providerIds.filter((each) => providerOf(each).signsIn === 'header_token')) {
      const { auth: _auth, ...rest } = leastOf(id) as { auth: object };
      expect(() => settingsOf(rest)).toThrow(AppError);
    }
  });

  it('has what was given in the place of what the provider says', () => {
    const given = {
      name: 'own',
      base_url: 'https://proxy.example/groq',
      wire: 'responses',
      auth: { mode: 'header_token', token: 'secret', header: 'x-key' },
      paths: { speech: '/speak', models: '/list' },
    };
    expect(settingsOf({ provider: 'groq', ...given })).toMatchObject({
      name: 'own',
      baseUrl: 'https://proxy.example/groq',
      wire: 'responses',
      options: {
        header: 'x-key',
        paths: { ...providerOf('groq').paths, speech: '/speak', models: '/list' },
      },
    });
    expect(settingsOf({ provider: 'groq', auth: { mode: 'none' } }).authMode).toBe('none');
    expect(settingsOf({ provider: 'ollama', auth: { mode: 'header_token', token: 'secret' } }).token).toBe('secret');
  });

  it('says what is still to be given', () => {
    const faults = (input: object) => {
      const result = createConnectionRequest.safeParse(input, { reportInput: true });
      return result.success ? [] : fieldFaults(result.error).map(({ path, message }) => `${path} ${message}`);
    };
    expect(faults({})).toEqual(['name is missing', 'base_url is missing']);
    expect(faults({ provider: 'azure' })).toEqual([
      'base_url must be given for Azure OpenAI, like https://NAME.openai.azure.com/openai/v1',
    ]);
    expect(faults({ provider: 'nobody' })).toEqual([expect.stringMatching(/^provider must be one of openai, azure, /)]);
  });
});

describe('the list of providers', () => {
  it('says each of them once', () => {
    const titles = providerIds.map((id) => providerOf(id).title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('is what a new connection has without one: the whole API of OpenAI, without a credential', () => {
    expect(settingsOf({ name: 'main', base_url: 'https://api.example.com/v1' })).toMatchObject({
      wire: 'openai',
      authMode: 'none',
      options: { paths: {} },
    });
  });
});
