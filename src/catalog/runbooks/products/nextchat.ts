import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const nextchat: RunbookData = {
  slug: 'nextchat',
  name: 'NextChat',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Self-hosted chat; appends v1/… itself.',
  baseUrl: {
    rule: 'root',
    value: '{{origin}}/api/tenant',
    why: 'Constants are v1/chat/completions, v1/models, v1/audio/speech, v1/images/generations.',
  },
  fields: [
    { where: 'Settings > OpenAI Endpoint', value: '{{origin}}/api/tenant' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Custom Models', value: '-all,+{{model}}' },
  ],
  env: [
    { name: 'BASE_URL', value: '{{origin}}/api/tenant' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'CUSTOM_MODELS', value: '-all,+{{model}}' },
    { name: 'OPENAI_ORG_ID', value: null },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' }],
  pitfalls: ['A base ending in /v1 becomes /v1/v1/….', 'Model-name prefixes (o1, gpt-5, dall-e) switch parameters.'],
  docs: ['https://github.com/ChatGPTNextWeb/NextChat#environment-variables'],
  evidence: { confidence: 'high', sources: ['ChatGPTNextWeb/NextChat@706a18b9 README.md, app/constant.ts'] },
  client: {
    ...plainHttp,
    ...chatting,
    joins: 'append_v1',
    chat: { adds: { temperature: 0.5, top_p: 1, presence_penalty: 0, frequency_penalty: 0 } },
    timeoutSeconds: 60,
  },
};
