import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const jan: RunbookData = {
  slug: 'jan',
  name: 'Jan',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Desktop app with custom providers.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Settings > Model Providers > Add Provider > API format', value: 'OpenAI-compatible' },
    { where: 'Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API key', value: '{{api_key}}' },
    { where: 'Models', value: 'add by hand or refresh' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'API key is required.',
    'The web build calls from the browser: a proxy before the platform must let its preflight pass.',
  ],
  docs: ['https://www.jan.ai/docs/desktop/remote-models/custom-endpoint'],
  evidence: { confidence: 'high', sources: ['jan.ai docs page'] },
  client: { ...plainHttp, ...chatting },
};
