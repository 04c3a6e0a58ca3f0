import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const goose: RunbookData = {
  slug: 'goose',
  name: 'goose',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'OpenAI provider with host and path, or a custom provider file with the full URL.',
  baseUrl: {
    rule: 'host_plus_path',
    value: '{{origin}}/api/tenant/v1/chat/completions',
    why: 'OPENAI_HOST is host only; path goes in OPENAI_BASE_PATH. A custom provider takes the full …/v1/chat/completions URL.',
  },
  fields: [
    {
      where: 'goose configure > Custom Providers > OpenAI Compatible > API URL',
      value: '{{origin}}/api/tenant/v1/chat/completions',
    },
    { where: 'API key', value: '{{api_key}}' },
    { where: 'Available models', value: '{{model}}' },
  ],
  env: [
    { name: 'OPENAI_HOST', value: '{{origin}}' },
    { name: 'OPENAI_BASE_PATH', value: 'api/tenant/v1/chat/completions' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: '~/.config/goose/custom_providers/custom_gt.json',
      language: 'json',
      lines: [
        '{ "name": "custom_gt", "engine": "openai", "display_name": "GT", "api_key_env": "CUSTOM_GT_API_KEY", "base_url": "{{origin}}/api/tenant/v1/chat/completions", "models": [{ "name": "{{model}}", "context_limit": 131072 }], "supports_streaming": true }',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: ['A path inside OPENAI_HOST may be dropped: use OPENAI_BASE_PATH.', 'Tool calling is required for extensions.'],
  docs: ['https://block.github.io/goose/docs/getting-started/providers'],
  evidence: { confidence: 'high', sources: ['block/goose documentation/docs/getting-started/providers.md'] },
  client: {
    ...plainHttp,
    ...agentic,
    joins: 'host_and_path',
    retry: { times: 3, statuses: [429, 500, 502, 503, 504], waitsFor: ['retry-after'] },
  },
};
