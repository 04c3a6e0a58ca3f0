import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const sillytavern: RunbookData = {
  slug: 'sillytavern',
  name: 'SillyTavern',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Chat Completion source "Custom (OpenAI-compatible)".',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'API > Chat Completion > Source', value: 'Custom (OpenAI-compatible)' },
    { where: 'Custom Endpoint (Base URL)', value: '{{origin}}/api/tenant/v1' },
    { where: 'Custom API Key', value: '{{api_key}}' },
    { where: 'Enter a Model ID / Available Models', value: '{{model}}' },
    { where: 'Additional Parameters', value: 'include body / exclude body / headers (YAML)' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Sends many sampler fields (top_k, min_p, repetition_penalty …), which go to the provider: exclude those that it refuses.',
    'Alternating-role checks depend on the upstream.',
  ],
  docs: ['https://docs.sillytavern.app/usage/api-connections/openai/'],
  evidence: {
    confidence: 'medium',
    sources: ['SillyTavern@ba6f7b7a src/endpoints/backends/chat-completions.js (2024 snapshot)'],
  },
  client: {
    ...plainHttp,
    ...chatting,
    chat: { limit: 'max_tokens', adds: { temperature: 1, top_k: 0, min_p: 0, repetition_penalty: 1 } },
  },
};
