import { aiSdk, chatting } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const cherryStudio: RunbookData = {
  slug: 'cherry-studio',
  name: 'Cherry Studio',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Desktop client; adds /v1 to a bare host.',
  baseUrl: {
    rule: 'either',
    value: '{{origin}}/api/tenant/v1',
    why: 'Host without version gets /v1/chat/completions; ending "#" disables the automatic version.',
  },
  fields: [
    { where: 'Model Provider > Add > type', value: 'OpenAI (or OpenAI-Response)' },
    { where: 'API Host', value: '{{origin}}/api/tenant' },
    { where: 'API Key', value: '{{api_key}}' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
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
    'Rules for trailing "/" and "#" changed between releases; look at the preview line under the field.',
    'May send enable_thinking, which goes to the provider.',
  ],
  docs: ['https://docs.cherry-ai.com/'],
  evidence: { confidence: 'medium', sources: ['issues CherryHQ/cherry-studio#7361, #11904, #6155'] },
  client: { ...aiSdk, ...chatting, joins: 'add_v1_if_missing' },
};
