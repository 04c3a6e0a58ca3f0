import { agentic, liteLlm } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openhands: RunbookData = {
  slug: 'openhands',
  name: 'OpenHands',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'Agent platform using LiteLLM.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'LLM_MODEL', value: 'openai/{{model}}' },
    { name: 'LLM_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'LLM_API_KEY', value: '{{api_key}}' },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: ['A base without /v1 gives "Invalid URL (POST /chat/completions)" (issue #485).', 'openai/ prefix is needed.'],
  docs: ['https://docs.openhands.dev/openhands/usage/llms/openai-llms'],
  evidence: { confidence: 'medium', sources: ['issue OpenHands/OpenHands#485'] },
  client: { ...liteLlm, ...agentic },
};
