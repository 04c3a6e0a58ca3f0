import { describe, expect, it } from '@jest/globals';
import { modalities } from '../../contracts/scopes.js';
import { servedByWire } from './served-by-wire.js';

describe('what a connection serves', () => {
  it.each([
    ['openai', {}, modalities],
    ['chat', {}, ['chat', 'embed']],
    ['responses', {}, ['chat']],
    ['azure', {}, ['chat', 'embed', 'transcribe', 'speech', 'image']],
    ['anthropic', {}, ['chat']],
    ['gemini', {}, ['chat', 'embed']],
    ['responses', { embeddings: '/embed' }, ['chat', 'embed']],
    ['chat', { image_edits: '/edit', translations: '/translate', models: '/list' }, ['chat', 'embed', 'transcribe', 'image']],
    ['chat', { speech: '/say', moderations: '/judge' }, ['chat', 'embed', 'speech', 'moderate']],
  ])('over %s with %j is %j', (wire, paths, served) => {
    expect([...servedByWire(wire, paths)]).toEqual([...served]);
  });
});
