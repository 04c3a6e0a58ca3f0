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
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
    { route: 'conversations.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
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
