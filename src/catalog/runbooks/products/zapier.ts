import { step } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const zapier: RunbookData = {
  slug: 'zapier',
  name: 'Zapier',
  category: 'Workflow and builders',
  compatibility: 'http',
  summary: 'Webhooks by Zapier / API request action; the ChatGPT (OpenAI) app has a fixed host.',
  baseUrl: { rule: 'full', value: '{{origin}}/api/tenant/v1/chat/completions' },
  fields: [
    { where: 'Webhooks by Zapier > Custom Request > URL', value: '{{origin}}/api/tenant/v1/chat/completions' },
    { where: 'Method', value: 'POST' },
    { where: 'Headers', value: 'Authorization | Bearer {{api_key}} ; Content-Type | application/json' },
    { where: 'Data', value: '{"model":"{{model}}","messages":[…]}' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'not_possible',
  tools: 'not used',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
  ],
  pitfalls: [
    'The timeout of a step is short: avoid agents that take long.',
    'Escape user text inside the JSON body.',
    'The platform must be reachable over public HTTPS.',
  ],
  notSupported: ['ChatGPT (OpenAI) app with another host.'],
  docs: ['https://help.zapier.com/hc/en-us/articles/8496326446989'],
  evidence: { confidence: 'medium' },
  client: { ...step },
};
