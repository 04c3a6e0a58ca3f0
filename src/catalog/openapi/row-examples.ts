import type { RouteId } from '../routes.js';

/** Bodies that show what a route is for, where its schema alone would give only the least that it asks for. */
export interface RowExample {
  readonly request?: unknown;
  readonly response?: unknown;
}

const messages = [{ role: 'user', content: 'How long is the warranty?' }];
const usage = { prompt_tokens: 12, completion_tokens: 6, total_tokens: 18 };

export const tenantExamples: Partial<Record<RouteId, RowExample>> = {
  'chat.completions.create': {
    request: { model: 'default', messages },
    response: {
      id: 'chatcmpl-4Hn2Zk8sQx1BvT6yLmW0cRaE',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: 'support',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Two years.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage,
    },
  },
  'completions.create': { request: { model: 'default', prompt: 'The warranty lasts' } },
  'responses.create': { request: { model: 'default', input: 'How long is the warranty?' } },
  'responses.compact': { request: { model: 'default', input: [{ role: 'user', content: 'How long is the warranty?' }] } },
  'responses.input_tokens': { request: { model: 'default', input: 'How long is the warranty?' } },
  'embeddings.create': {
    request: { model: 'embeddings', input: 'The warranty lasts two years.' },
    response: {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.0123, -0.0456, 0.0789] }],
      model: 'embeddings',
      usage: { prompt_tokens: 7, total_tokens: 7 },
    },
  },
  'moderations.create': { request: { model: 'moderation', input: 'I like you.' } },
  'images.generate': { request: { model: 'images', prompt: 'A lighthouse at dusk, in watercolours' } },
  'audio.speech.create': { request: { model: 'voice', input: 'Good morning!', voice: 'alloy' } },
};

/** The methods of OpenAI's SDKs, in Python and Node, that make these calls with the body as their only argument. */
export const sdkMethods: Partial<Record<RouteId, string>> = {
  'chat.completions.create': 'chat.completions.create',
  'completions.create': 'completions.create',
  'responses.create': 'responses.create',
  'embeddings.create': 'embeddings.create',
  'moderations.create': 'moderations.create',
  'images.generate': 'images.generate',
  'audio.speech.create': 'audio.speech.create',
};
