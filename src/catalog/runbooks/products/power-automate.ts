import { step } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const powerAutomate: RunbookData = {
  slug: 'power-automate',
  name: 'Power Automate / Logic Apps',
  category: 'Workflow and builders',
  compatibility: 'http',
  summary: 'HTTP action or a custom connector from the OpenAPI file.',
  baseUrl: { rule: 'full', value: '{{origin}}/api/tenant/v1/chat/completions' },
  fields: [
    { where: 'HTTP action > URI', value: '{{origin}}/api/tenant/v1/chat/completions' },
    { where: 'Headers', value: 'Authorization: Bearer {{api_key}}' },
    { where: 'Custom connector > Import an OpenAPI file', value: 'OpenAPI 2.0 needed for connectors' },
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
  pitfalls: ['HTTP is a premium action.', 'Synchronous limit about 120 s.', 'Custom connectors still want Swagger 2.0.'],
  docs: ['https://learn.microsoft.com/en-us/connectors/custom-connectors/define-openapi-definition'],
  evidence: { confidence: 'medium' },
  client: { ...step, timeoutSeconds: 120 },
};
