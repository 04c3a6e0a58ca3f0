import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const msty: RunbookData = {
  slug: 'msty',
  name: 'Msty',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Remote model provider of type OpenAI compatible.',
  baseUrl: { rule: 'either', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Remote Model Providers > Open AI Compatible > API Endpoint', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Models', value: 'fetch or add custom id' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: ['Not checked against a page of the vendor: see whether the installed version appends /v1.'],
  docs: ['https://docs.msty.app/'],
  evidence: { confidence: 'low' },
  client: { ...plainHttp, ...chatting },
};
