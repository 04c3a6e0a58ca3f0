import { chatting, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const obsidianCopilot: RunbookData = {
  slug: 'obsidian-copilot',
  name: 'Copilot for Obsidian',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Custom provider with base URL; separate embedding model.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Copilot settings > Models > Add a custom provider', value: '3rd party (openai-format)' },
    { where: 'Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API key', value: '{{api_key}}' },
    { where: 'Model', value: '{{model}}' },
    { where: 'Enable CORS', value: 'only if the server refuses the preflight' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: [
    '"Enable CORS" disables streaming: leave it off, the platform answers the preflight.',
    'Embeddings through LangChain send base64 or token arrays.',
    'Origin is app://obsidian.md.',
  ],
  docs: ['https://github.com/logancyang/obsidian-copilot/blob/master/docs/llm-providers.md'],
  evidence: { confidence: 'high', sources: ['logancyang/obsidian-copilot@611831b7 docs/llm-providers.md, docs/settings.md'] },
  client: { ...openaiNode, ...chatting },
};
