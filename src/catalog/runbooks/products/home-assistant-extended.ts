import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const homeAssistantExtended: RunbookData = {
  slug: 'home-assistant-extended',
  name: 'Home Assistant (Extended OpenAI Conversation, HACS)',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Custom component with a Base Url field; drives Assist with tools.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Add Integration > Extended OpenAI Conversation > API Key', value: '{{api_key}}' },
    { where: 'Base Url', value: '{{origin}}/api/tenant/v1' },
    { where: 'Skip authentication', value: 'on if the model check fails' },
    { where: 'Options > Model', value: '{{model}}' },
  ],
  routes: [
    { route: 'models.list', use: 'fallback', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'required for device control',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'The core "OpenAI Conversation" integration cannot change its URL: use this component.',
    'Set-up checks the key by listing models, which every live key may.',
  ],
  docs: ['https://github.com/jekalmin/extended_openai_conversation'],
  evidence: { confidence: 'high', sources: ['jekalmin/extended_openai_conversation@423799e README.md, config_flow.py'] },
  client: { ...openaiPython, chat: { limit: 'max_tokens', adds: { temperature: 0.5, top_p: 1 } }, tools: 'always' },
};
