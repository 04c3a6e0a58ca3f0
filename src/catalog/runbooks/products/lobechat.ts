import { chatting, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const lobechat: RunbookData = {
  slug: 'lobechat',
  name: 'LobeChat / LobeHub',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'OpenAI provider with a proxy URL, or a custom provider in settings.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1', why: 'Docs: "if you find an empty message try adding /v1".' },
  fields: [
    { where: 'Settings > AI Service Provider > OpenAI > API Proxy URL', value: '{{origin}}/api/tenant/v1' },
    { where: '… > API Key', value: '{{api_key}}' },
  ],
  env: [
    { name: 'OPENAI_PROXY_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_MODEL_LIST', value: '-all,+{{model}}', note: 'Older name CUSTOM_MODELS.' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'Only if the provider has "Responses API" on.' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  ],
  pitfalls: [
    'Missing /v1 shows as an empty assistant message, not as an error.',
    '"Client request mode" calls from the browser, where the key can be read: leave it off.',
    'Default topic-naming and agent-meta calls use built-in model names unless changed: 404 model_not_found in logs.',
  ],
  docs: ['https://lobehub.com/docs/self-hosting/environment-variables/model-provider'],
  evidence: {
    confidence: 'medium',
    sources: ['lobehub/lobe-chat docs/self-hosting/environment-variables/model-provider.mdx (an older version)'],
  },
  client: { ...openaiNode, ...chatting },
};
