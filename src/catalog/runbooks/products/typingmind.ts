import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const typingmind: RunbookData = {
  slug: 'typingmind',
  name: 'TypingMind',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Custom model with the full endpoint URL; requests come from the browser.',
  baseUrl: { rule: 'full', value: '{{origin}}/api/tenant/v1/chat/completions' },
  fields: [
    { where: 'Models > Add Custom Model > API Type', value: 'OpenAI Chat Completions API' },
    { where: 'Endpoint URL', value: '{{origin}}/api/tenant/v1/chat/completions' },
    { where: 'Model ID', value: '{{model}}' },
    { where: 'Custom headers > Authorization', value: 'Bearer {{api_key}}' },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Calls come from the browser: a proxy before the platform must let the preflight and the Authorization header pass.',
    'HTTPS needed in the hosted app.',
    'Save and test have been seen calling GET /v1 and POST /v1: a refusal there does not mean that the model fails.',
    'Model id is typed, never fetched.',
  ],
  docs: ['https://docs.typingmind.com/manage-and-connect-ai-models/custom-models'],
  evidence: {
    confidence: 'medium',
    sources: ['docs.alterhq.com/api-router/typingmind', 'github marcomc/typingmind-openclaw-proxy README'],
  },
  client: { ...plainHttp, ...chatting, joins: 'as_is' },
};
