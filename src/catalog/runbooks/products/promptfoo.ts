import { plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const promptfoo: RunbookData = {
  slug: 'promptfoo',
  name: 'promptfoo',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'Evaluation runner.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'GT_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
  ],
  snippets: [
    {
      file: 'promptfooconfig.yaml',
      language: 'yaml',
      lines: [
        'providers:',
        '  - id: openai:chat:{{model}}',
        '    config:',
        '      apiBaseUrl: {{origin}}/api/tenant/v1',
        '      apiKeyEnvar: GT_API_KEY',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: [
    'Many calls at once: set --max-concurrency to what the provider takes.',
    'It sends max_tokens 1024 and temperature 0 where the configuration of the provider names no others.',
    'PROMPTFOO_DISABLE_TELEMETRY=1 does not silence it: it still tells r.promptfoo.app that telemetry is off, with its version and a made-up id of the user (0.121.20). Close the way there where nothing may go out.',
    'Versions from 0.122 on want Node 22.22 or newer.',
  ],
  docs: ['https://www.promptfoo.dev/docs/providers/openai/'],
  evidence: { confidence: 'high', sources: ['npm promptfoo 0.121.20'] },
  client: { ...plainHttp, chat: { limit: 'max_tokens', adds: { temperature: 0 } }, npm: ['promptfoo'], timeoutSeconds: 300 },
};
