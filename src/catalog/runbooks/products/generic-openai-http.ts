import { generalAlternatives, generalRoutes } from '../general-clients.js';
import { plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const genericOpenaiHttp: RunbookData = {
  slug: 'generic-openai-http',
  name: 'Generic OpenAI-compatible HTTP client',
  category: 'SDK and HTTP',
  compatibility: 'native',
  summary: 'For any product that is not listed and can change its base URL and its bearer key.',
  baseUrl: {
    rule: 'either',
    value: '{{origin}}/api/tenant/v1',
    why: 'A product that appends /v1 itself takes the address without it; the platform answers at both.',
  },
  fields: [
    {
      where: 'Base URL / api_base / OPENAI_BASE_URL',
      value: '{{origin}}/api/tenant/v1  (or {{origin}}/api/tenant when the client adds /v1)',
    },
    { where: 'Authorization', value: 'Bearer {{api_key}}' },
    { where: 'model', value: '{{model}}' },
  ],
  routes: generalRoutes,
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: generalAlternatives,
  pitfalls: [
    'SDKs append the route alone: give them the address that ends in /v1.',
    'Products that only speak a vendor-native API are not direct clients.',
  ],
  docs: [
    'https://platform.openai.com/docs/api-reference/introduction',
    'https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Authorization',
  ],
  evidence: { confidence: 'high' },
  client: { ...plainHttp },
};
