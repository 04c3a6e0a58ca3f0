import { generalRoutes } from '../general-clients.js';
import { plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const postman: RunbookData = {
  slug: 'postman',
  name: 'Postman / Bruno / Hoppscotch / Insomnia',
  category: 'SDK and HTTP',
  compatibility: 'native',
  summary: "Import the platform's OpenAPI file, then set two variables.",
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Import', value: '{{origin}}/openapi.json' },
    { where: 'Collection variable baseUrl', value: '{{origin}}/api/tenant/v1' },
    { where: 'Authorization > Bearer Token', value: '{{api_key}}' },
  ],
  routes: generalRoutes,
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  pitfalls: [
    'Keep the key in a secret/vault variable, not in an exported collection.',
    'Streaming shows only at the end in some versions.',
  ],
  docs: ['https://learning.postman.com/docs/getting-started/importing-and-exporting/importing-from-swagger/'],
  evidence: { confidence: 'medium' },
  client: { ...plainHttp },
};
