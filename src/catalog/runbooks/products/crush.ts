import { agentic, openaiCompiled } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const crush: RunbookData = {
  slug: 'crush',
  name: 'Crush',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'Terminal agent; provider add with type openai-compat.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [{ name: 'GT_API_KEY', value: '{{api_key}}' }],
  snippets: [
    {
      file: 'inside crush',
      language: 'text',
      lines: [
        'provider add gt --type openai-compat --base-url "{{origin}}/api/tenant/v1" --api-key "$GT_API_KEY"',
        'model add gt/{{model}} --name "{{model}}" --context-window 131072 --default-max-tokens 8000',
      ],
    },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: ['Models are declared by hand.'],
  docs: ['https://github.com/charmbracelet/crush#openai-compatible-apis'],
  evidence: { confidence: 'high', sources: ['charmbracelet/crush@37f36e93 README.md'] },
  client: { ...openaiCompiled, ...agentic },
};
