import { step } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const make: RunbookData = {
  slug: 'make',
  name: 'Make',
  category: 'Workflow and builders',
  compatibility: 'http',
  summary: 'HTTP > Make a request module.',
  baseUrl: { rule: 'full', value: '{{origin}}/api/tenant/v1/chat/completions' },
  fields: [
    { where: 'HTTP module > URL', value: '{{origin}}/api/tenant/v1/chat/completions' },
    { where: 'Authentication', value: 'API key / header Authorization: Bearer {{api_key}}' },
    { where: 'Body type', value: 'application/json' },
    { where: 'Parse response', value: 'yes' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'not_possible',
  tools: 'not used',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
  ],
  pitfalls: ['Module timeout 40 s by default, 300 s maximum.', "OpenAI module connects to OpenAI's host."],
  docs: ['https://apps.make.com/http'],
  evidence: { confidence: 'medium' },
  client: { ...step, timeoutSeconds: 300 },
};
