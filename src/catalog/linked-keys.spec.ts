import { describe, expect, it } from '@jest/globals';
import { keyBodies } from './linked-keys.js';

describe('the bodies of a key and of those that it links', () => {
  it('are one where its preset links none, or is no built-in one', () => {
    for (const preset of ['openai-chat-client', 'own', undefined]) {
      const wanted = { name: 'app', preset, agents: ['a'], datasets: ['d'] };
      expect(keyBodies(wanted)).toEqual({ own: wanted, linked: null });
    }
  });

  it('have names that may be called, and datasets, each with the key that uses them; an end and addresses with all', () => {
    const wanted = {
      name: 'app',
      preset: 'conversation-app',
      agents: ['a'],
      raw_models: ['m'],
      datasets: ['d'],
      prompt_policy: null,
      expires_at: 5,
      allowed_ips: ['::1'],
      websocket: false,
    };
    const both = { expires_at: 5, allowed_ips: ['::1'] };
    expect(keyBodies(wanted)).toStrictEqual({
      own: { name: 'app', preset: 'conversation-app', websocket: false, ...both },
      linked: {
        inference: {
          ...both,
          name: 'app-inference',
          preset: 'chat-plus-embeddings',
          agents: ['a'],
          raw_models: ['m'],
          prompt_policy: null,
        },
        upload: { ...both, name: 'app-upload', preset: 'dataset-upload', datasets: ['d'] },
      },
    });
  });

  it('say nothing of what was not given', () => {
    expect(keyBodies({ name: 'app', preset: 'conversation-app' }).linked).toStrictEqual({
      inference: { name: 'app-inference', preset: 'chat-plus-embeddings' },
      upload: { name: 'app-upload', preset: 'dataset-upload' },
    });
  });
});
