import { agentic, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const qwenCode: RunbookData = {
  slug: 'qwen-code',
  name: 'Qwen Code',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'Terminal agent with OpenAI-compatible auth.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_MODEL', value: '{{model}}' },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: ['Not checked against its source.'],
  docs: ['https://github.com/QwenLM/qwen-code'],
  evidence: { confidence: 'low' },
  client: { ...openaiNode, ...agentic },
};
