import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const crewai: RunbookData = {
  slug: 'crewai',
  name: 'CrewAI',
  category: 'Framework and orchestration',
  compatibility: 'ext',
  summary: 'LLM(model="openai/alias", base_url=…).',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1', note: 'OPENAI_API_BASE also read.' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'EMBEDDINGS_OPENAI_API_BASE', value: '{{origin}}/api/tenant/v1' },
  ],
  snippets: [
    {
      file: 'crew.py',
      language: 'python',
      lines: [
        'from crewai import LLM',
        'llm = LLM(model="openai/{{model}}", base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}")',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'With api="responses".' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native', note: 'For memory and knowledge.' },
    {
      route: 'conversations.files.create',
      use: 'optional',
      verdict: 'gt_extension',
      note: 'From a tool of its own, by plain HTTP.',
    },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension', note: 'From a tool of its own, by plain HTTP.' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension', note: 'From a tool of its own, by plain HTTP.' },
  ],
  streaming: 'supported',
  tools: 'used by agents',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
  ],
  pitfalls: ['Memory switches on embeddings with text-embedding-3-small unless configured.', 'Bursts of parallel calls.'],
  docs: ['https://docs.crewai.com/en/concepts/llms'],
  evidence: {
    confidence: 'high',
    sources: [
      'crewAIInc/crewAI@f4731f50 lib/crewai/src/crewai/llms/providers/openai/completion.py, rag/embeddings/providers/openai',
    ],
  },
  client: { ...openaiPython },
};
