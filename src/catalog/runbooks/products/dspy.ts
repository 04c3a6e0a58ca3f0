import { liteLlm } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const dspy: RunbookData = {
  slug: 'dspy',
  name: 'DSPy',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'dspy.LM("openai/alias", api_base, api_key).',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  snippets: [
    {
      file: 'd.py',
      language: 'python',
      lines: [
        'import dspy',
        'dspy.configure(lm=dspy.LM("openai/{{model}}", api_base="{{origin}}/api/tenant/v1", api_key="{{api_key}}"))',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: [
    'Saved programs drop api_base unless allow_unsafe_lm_state=True.',
    'Optimisers send thousands of calls: give them a key of their own, so that their use can be told apart.',
  ],
  docs: ['https://dspy.ai/learn/programming/language_models/'],
  evidence: { confidence: 'high', sources: ['stanfordnlp/dspy@4ed377ee docs'] },
  client: { ...liteLlm },
};
