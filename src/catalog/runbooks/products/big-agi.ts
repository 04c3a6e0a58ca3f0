import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const bigAgi: RunbookData = {
  slug: 'big-agi',
  name: 'big-AGI',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Multi-model web workspace; appends /v1/… itself.',
  baseUrl: {
    rule: 'root',
    value: '{{origin}}/api/tenant',
    why: "Paths are '/v1/chat/completions', '/v1/responses', '/v1/models', '/v1/images/generations', '/v1/audio/speech'.",
  },
  fields: [
    { where: 'Models > OpenAI > Advanced > API host', value: '{{origin}}/api/tenant' },
    { where: 'API Key', value: '{{api_key}}' },
  ],
  env: [
    { name: 'OPENAI_API_HOST', value: '{{origin}}/api/tenant' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_API_ORG_ID', value: null },
  ],
  routes: [
    { route: 'models.list', use: 'always', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' }],
  pitfalls: [
    'A host ending in /v1 doubles it.',
    'OpenAI vendor may choose Responses for known names.',
    'The option of fetching on the client calls from the browser: a proxy before the platform must let its preflight pass.',
  ],
  docs: ['https://github.com/enricoros/big-AGI/blob/main/docs/environment-variables.md'],
  evidence: {
    confidence: 'high',
    sources: ['enricoros/big-AGI@52adc48c docs/environment-variables.md; src/modules/llms/server/openai/openai.access.ts'],
  },
  client: { ...plainHttp, ...chatting, joins: 'append_v1', chat: { limit: 'max_tokens' } },
};
