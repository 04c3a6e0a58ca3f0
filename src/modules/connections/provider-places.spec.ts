import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../kernel/app-error.js';
import { providerPlaces, type PlacedConnection } from './provider-places.js';

const places = (connection: Partial<PlacedConnection>) =>
  providerPlaces({ baseUrl: 'https://h/v1', wire: 'openai', options: { paths: {} }, ...connection });
const versioned = { paths: {}, api_version: '2024-10-21' };
const deployments = places({ baseUrl: 'https://h/openai', wire: 'azure', options: versioned });

describe('where a provider is asked', () => {
  it('is below the base URL, whatever the model', () => {
    expect(places({})).toMatchObject({ origin: 'https://h', basePath: '/v1/', models: '/v1/models' });
    expect(places({}).pathsOf('../m')).toMatchObject({ chat: '/v1/chat/completions', image_edits: '/v1/images/edits' });
  });

  it('is where the connection says', () => {
    const options = { paths: { chat: '/talk', models: '/list' } };
    expect(places({ options }).models).toBe('/v1/list');
    expect(places({ options }).pathsOf('m')).toMatchObject({ chat: '/v1/talk', speech: '/v1/audio/speech' });
  });

  it('has no deployment at Azure below /v1, and a version only where one is set', () => {
    const baseUrl = 'https://h/openai/v1';
    expect(places({ baseUrl, wire: 'azure' }).pathsOf('m').chat).toBe('/openai/v1/chat/completions');
    const preview = places({ baseUrl, wire: 'azure', options: { paths: {}, api_version: 'preview' } });
    expect([preview.pathsOf('m').embeddings, preview.models]).toEqual([
      '/openai/v1/embeddings?api-version=preview',
      '/openai/v1/models?api-version=preview',
    ]);
  });

  it('is a deployment everywhere else at Azure, for what Azure asks of one', () => {
    expect(deployments.models).toBe('/openai/models?api-version=2024-10-21');
    expect(deployments.pathsOf('gpt-4.1')).toEqual({
      chat: '/openai/deployments/gpt-4.1/chat/completions?api-version=2024-10-21',
      completions: '/openai/deployments/gpt-4.1/completions?api-version=2024-10-21',
      embeddings: '/openai/deployments/gpt-4.1/embeddings?api-version=2024-10-21',
      responses: '/openai/responses?api-version=2024-10-21',
      moderations: '/openai/moderations?api-version=2024-10-21',
      images: '/openai/deployments/gpt-4.1/images/generations?api-version=2024-10-21',
      image_edits: '/openai/deployments/gpt-4.1/images/edits?api-version=2024-10-21',
      image_variations: '/openai/deployments/gpt-4.1/images/variations?api-version=2024-10-21',
      speech: '/openai/deployments/gpt-4.1/audio/speech?api-version=2024-10-21',
      transcriptions: '/openai/deployments/gpt-4.1/audio/transcriptions?api-version=2024-10-21',
      translations: '/openai/deployments/gpt-4.1/audio/translations?api-version=2024-10-21',
      models: '/openai/models?api-version=2024-10-21',
    });
    const options = { ...versioned, paths: { chat: '/talk' } };
    expect(places({ baseUrl: 'https://h', wire: 'azure', options }).pathsOf('m').chat).toBe('/talk?api-version=2024-10-21');
  });
});

describe('the name of a deployment', () => {
  it.each(['', '.', '..', '...', '../x', 'a/b', 'a\\b', 'a\u0000', 'a\r\nhost: x', '\ud800'])('%j is refused', (model) => {
    expect(() => deployments.pathsOf(model)).toThrow(expect.objectContaining({ code: 'invalid_value', param: 'model' }));
  });

  it('stays one segment of the path, and the same name, or is refused', () => {
    const name = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webPath(), fc.constantFrom('%2e%2e', 'a?b#c', 'ä ö'));
    fc.assert(
      fc.property(name, (model) => {
        let path: string;
        try {
          path = deployments.pathsOf(model).chat;
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          return;
        }
        expect(path).toMatch(/^[\x21-\x7e]+$/);
        const url = new URL(`https://h${path}`);
        expect([url.host, url.search, url.hash]).toEqual(['h', '?api-version=2024-10-21', '']);
        const segments = url.pathname.split('/');
        expect(segments.map(decodeURIComponent)).toEqual(['', 'openai', 'deployments', model, 'chat', 'completions']);
      }),
    );
  });
});
