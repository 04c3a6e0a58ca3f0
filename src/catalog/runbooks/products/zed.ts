import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const zed: RunbookData = {
  slug: 'zed',
  name: 'Zed',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'openai_compatible provider in settings.json.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'language_models.openai_compatible.<Name>.api_url', value: '{{origin}}/api/tenant/v1' },
    { where: 'available_models[].name', value: '{{model}}' },
    { where: 'available_models[].max_tokens', value: 'context window (required)' },
    { where: 'API key', value: 'keychain via UI or <NAME>_API_KEY' },
  ],
  env: [{ name: 'GT_API_KEY', value: '{{api_key}}', note: 'Derived from the provider name "GT".' }],
  snippets: [
    {
      file: 'settings.json',
      language: 'json',
      lines: [
        '{ "language_models": { "openai_compatible": { "GT": { "api_url": "{{origin}}/api/tenant/v1", "available_models": [ { "name": "{{model}}", "max_tokens": 131072, "max_output_tokens": 16384, "capabilities": { "tools": true, "images": false, "parallel_tool_calls": false, "prompt_cache_key": false, "chat_completions": true } } ] } } } }',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'fallback', verdict: 'native', note: 'When capabilities.chat_completions is false.' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'never', note: 'Never fetched; declared in settings.' },
  preset: 'openai-chat-client',
  pitfalls: ['Key is not read from settings.json.'],
  docs: ['https://zed.dev/docs/ai/llm-providers#openai-api-compatible'],
  evidence: { confidence: 'high', sources: ['zed-industries/zed docs/src/ai/llm-providers.md'] },
  client: { ...plainHttp, ...agentic, chat: { limit: 'max_completion_tokens' } },
};
