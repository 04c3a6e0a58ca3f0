import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const haystack: RunbookData = {
  slug: 'haystack',
  name: 'Haystack',
  category: 'Framework and orchestration',
  compatibility: 'ext',
  summary: 'OpenAIChatGenerator(api_base_url=…).',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_TIMEOUT', value: '30', note: 'Default 30 s.' },
    { name: 'OPENAI_MAX_RETRIES', value: '5' },
  ],
  snippets: [
    {
      file: 'hs.py',
      language: 'python',
      lines: [
        'from haystack.components.generators.chat import OpenAIChatGenerator',
        'g = OpenAIChatGenerator(model="{{model}}", api_base_url="{{origin}}/api/tenant/v1")',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'OpenAIResponsesChatGenerator.' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'chat-plus-embeddings',
  alternatives: [{ preset: 'dataset-upload', when: 'A key for uploads into datasets.' }],
  pitfalls: ['Default timeout is 30 s: raise OPENAI_TIMEOUT for slow agents.'],
  docs: ['https://docs.haystack.deepset.ai/docs/openaichatgenerator'],
  evidence: { confidence: 'high', sources: ['deepset-ai/haystack@c7cb46c0 components/generators/chat/openai.py'] },
  client: { ...openaiPython, retry: { ...openaiPython.retry, times: 5 }, timeoutSeconds: 30 },
};
