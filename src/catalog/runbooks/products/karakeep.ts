import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const karakeep: RunbookData = {
  slug: 'karakeep',
  name: 'Karakeep (Hoarder)',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Bookmark tagging and summaries with structured outputs.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'INFERENCE_TEXT_MODEL', value: '{{model}}' },
    { name: 'EMBEDDING_OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'EMBEDDING_TEXT_MODEL', value: '{{embed_model}}' },
    { name: 'INFERENCE_OUTPUT_SCHEMA', value: 'json', note: 'structured | json | plain.' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'not used: it asks for structured output',
  modelList: { use: 'never' },
  preset: 'chat-plus-embeddings',
  pitfalls: ['Default output mode needs response_format json_schema.', 'Batch inference: expect bursts.'],
  docs: ['https://docs.karakeep.app/configuration/environment-variables'],
  evidence: { confidence: 'high', sources: ['karakeep-app/karakeep@7ca5ee23 docs/…/01-environment-variables.md'] },
  client: {
    ...openaiNode,
    chat: {
      adds: {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'tags',
            strict: true,
            schema: {
              type: 'object',
              properties: { tags: { type: 'array', items: { type: 'string' } } },
              required: ['tags'],
              additionalProperties: false,
            },
          },
        },
      },
    },
    tools: 'never',
  },
};
