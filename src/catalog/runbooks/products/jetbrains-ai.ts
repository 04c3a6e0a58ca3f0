import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const jetbrainsAi: RunbookData = {
  slug: 'jetbrains-ai',
  name: 'JetBrains AI Assistant',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'Third-party provider "OpenAI-compatible".',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Settings > Tools > AI Assistant > Providers & API keys > Third-party AI providers', value: 'OpenAI-compatible' },
    { where: 'URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Model', value: '{{model}}' },
    { where: 'Tool calling', value: 'on' },
    { where: 'Test Connection', value: '' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Custom headers are not possible.',
    'In BYOK quick set-up one model per provider entry is typed.',
    'It sends no User-Agent that names it.',
    "Some features stay on JetBrains' service.",
  ],
  docs: [
    'https://www.jetbrains.com/help/ai-assistant/use-custom-models.html',
    'https://www.jetbrains.com/help/ai-assistant/bring-your-own-key-byok.html',
  ],
  evidence: { confidence: 'high', sources: ['jetbrains.com help pages; coder.com/docs/ai-coder/ai-gateway/clients/jetbrains'] },
  client: { ...plainHttp, ...agentic },
};
