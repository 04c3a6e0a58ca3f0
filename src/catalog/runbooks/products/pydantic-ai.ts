import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const pydanticAi: RunbookData = {
  slug: 'pydantic-ai',
  name: 'Pydantic AI',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'OpenAIChatModel + OpenAIProvider.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'pa.py',
      language: 'python',
      lines: [
        'from pydantic_ai import Agent',
        'from pydantic_ai.models.openai import OpenAIChatModel',
        'from pydantic_ai.providers.openai import OpenAIProvider',
        'agent = Agent(OpenAIChatModel("{{model}}", provider=OpenAIProvider(base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}")))',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'fallback', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'used for structured output',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: ['The "openai:" prefix now means the Responses API; "openai-chat:" pins Chat Completions.'],
  docs: ['https://ai.pydantic.dev/models/openai/#openai-compatible-models'],
  evidence: { confidence: 'high', sources: ['pydantic/pydantic-ai@4fda3898 docs/models/openai.md'] },
  client: { ...openaiPython },
};
