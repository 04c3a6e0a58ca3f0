import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const mattermostAgents: RunbookData = {
  slug: 'mattermost-agents',
  name: 'Mattermost Agents',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Bot service of type OpenAI Compatible.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'System Console > Agents > Service', value: 'OpenAI Compatible' },
    { where: 'API URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Default Model', value: '{{model}}' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native', note: 'Embedding search.' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: ['Long threads need a realistic input token limit.'],
  docs: ['https://github.com/mattermost/mattermost-plugin-agents/blob/master/docs/providers.md'],
  evidence: { confidence: 'medium', sources: ['mattermost/mattermost-plugin-agents@158be505 docs/providers.md (2025 snapshot)'] },
  client: { ...plainHttp, ...chatting },
};
