import { agentic, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const continueDev: RunbookData = {
  slug: 'continue',
  name: 'Continue',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'VS Code / JetBrains assistant configured in config.yaml.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'config.yaml models[].provider', value: 'openai' },
    { where: 'models[].apiBase', value: '{{origin}}/api/tenant/v1' },
    { where: 'models[].apiKey', value: '{{api_key}}' },
    { where: 'models[].model', value: '{{model}}' },
    { where: 'models[].roles', value: 'chat, edit, apply, embed' },
  ],
  snippets: [
    {
      file: '~/.continue/config.yaml',
      language: 'yaml',
      lines: [
        'name: GT',
        'version: 0.0.1',
        'schema: v1',
        'models:',
        '  - name: GT chat',
        '    provider: openai',
        '    model: {{model}}',
        '    apiBase: {{origin}}/api/tenant/v1',
        '    apiKey: {{api_key}}',
        '    roles: [chat, edit, apply]',
        '    capabilities: [tool_use]',
        '  - name: GT embed',
        '    provider: openai',
        '    model: {{embed_model}}',
        '    apiBase: {{origin}}/api/tenant/v1',
        '    apiKey: {{api_key}}',
        '    roles: [embed]',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    {
      route: 'responses.create',
      use: 'fallback',
      verdict: 'native',
      note: 'Only for names that look like gpt-5 / o-series in parts of the code.',
    },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    {
      route: 'completions.create',
      use: 'fallback',
      verdict: 'native',
      note: 'Only with useLegacyCompletionsEndpoint or autocomplete.',
    },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: [
    'Aliases starting with "o1", "o3", "gpt-5" switch to max_completion_tokens and special rules.',
    'URLs are resolved relatively: the client adds the final slash.',
    'Autocomplete calls /v1/completions: give it an alias that is quick.',
  ],
  docs: ['https://docs.continue.dev/customize/model-providers/top-level/openai'],
  evidence: {
    confidence: 'high',
    sources: [
      'continuedev/continue@d0a3c0b6 docs/…/openai.mdx; core/llm/llms/OpenAI.ts; packages/openai-adapters/src/apis/OpenAI.ts',
    ],
  },
  client: { ...openaiNode, ...agentic, chat: { limit: 'max_tokens' } },
};
