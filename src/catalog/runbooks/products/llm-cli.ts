import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const llmCli: RunbookData = {
  slug: 'llm-cli',
  name: "llm (Simon Willison's CLI)",
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'extra-openai-models.yaml entry.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  snippets: [
    {
      file: 'extra-openai-models.yaml',
      language: 'yaml',
      lines: [
        '- model_id: gt',
        '  model_name: {{model}}',
        '  api_base: "{{origin}}/api/tenant/v1"',
        '  api_key_name: gt',
        '  supports_tools: true',
        '  supports_schema: true',
      ],
    },
    { file: 'shell', language: 'bash', lines: ['llm keys set gt --value {{api_key}}'] },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'Responses: true.' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: ['With api_base set the stored openai key is not sent: api_key_name is needed.'],
  docs: ['https://llm.datasette.io/en/stable/other-models.html#openai-compatible-models'],
  evidence: { confidence: 'high', sources: ['simonw/llm@f3f4f29 docs/other-models.md'] },
  client: { ...openaiPython },
};
