import { aiSdk, chatting } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const chatbox: RunbookData = {
  slug: 'chatbox',
  name: 'Chatbox',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Desktop/mobile client that normalises the address.',
  baseUrl: {
    rule: 'either',
    value: '{{origin}}/api/tenant/v1',
    why: 'Adds https://, strips trailing /, strips a full /chat/completions, adds /v1 only when host has none and path is empty.',
  },
  fields: [
    { where: 'Add provider > API Mode', value: 'OpenAI API Compatible (or OpenAI Responses)' },
    { where: 'API Host', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Path', value: '(empty)' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Models', value: '{{model}}' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: ['The web build calls from the browser: a proxy before the platform must let its preflight pass.'],
  docs: ['https://docs.chatboxai.app/'],
  evidence: { confidence: 'high', sources: ['chatboxai/chatbox@0d3139e5 src/shared/utils/llm_utils.ts'] },
  client: { ...aiSdk, ...chatting },
};
