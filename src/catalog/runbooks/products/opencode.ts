import { agentic, aiSdk } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const opencode: RunbookData = {
  slug: 'opencode',
  name: 'OpenCode',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'Custom provider through AI SDK packages.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: '/connect > Other > provider id', value: 'gt' },
    { where: 'opencode.json provider.gt.npm', value: '@ai-sdk/openai-compatible' },
    { where: 'provider.gt.options.baseURL', value: '{{origin}}/api/tenant/v1' },
    { where: 'provider.gt.models', value: '{{model}}' },
  ],
  env: [{ name: 'GT_API_KEY', value: '{{api_key}}' }],
  snippets: [
    {
      file: 'opencode.json',
      language: 'json',
      lines: [
        '{ "$schema": "https://opencode.ai/config.json", "provider": { "gt": { "npm": "@ai-sdk/openai-compatible", "name": "GT", "options": { "baseURL": "{{origin}}/api/tenant/v1", "apiKey": "{env:GT_API_KEY}" }, "models": { "{{model}}": { "name": "{{model}}", "limit": { "context": 131072, "output": 16384 } } } } } }',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'With npm @ai-sdk/openai instead.' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Provider id in /connect and in the file must match.',
    'Without limit.context it cannot compact.',
    'It runs commands and changes files that a model asks for without a question: set permission in opencode.json.',
    'With autoupdate off it still asks models.opencode.ai and the npm registry when it starts: OPENCODE_DISABLE_MODELS_FETCH=1 and npm_config_offline=true stop that.',
  ],
  docs: ['https://opencode.ai/docs/providers#custom-provider'],
  evidence: {
    confidence: 'high',
    sources: ['anomalyco/opencode packages/web/src/content/docs/providers.mdx', 'npm opencode-ai 1.18.33'],
  },
  client: { ...aiSdk, ...agentic, npm: ['opencode-ai'] },
};
