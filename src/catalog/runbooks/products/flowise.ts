import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const flowise: RunbookData = {
  slug: 'flowise',
  name: 'Flowise',
  category: 'Workflow and builders',
  compatibility: 'guided',
  summary: 'ChatOpenAI (or ChatOpenAI Custom) node with Base Path.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Credentials > OpenAI API > openAIApiKey', value: '{{api_key}}' },
    { where: 'ChatOpenAI Custom > Model Name', value: '{{model}}' },
    { where: '… > Additional Parameters > Base Path (basepath)', value: '{{origin}}/api/tenant/v1' },
    { where: 'OpenAI Embeddings Custom > Base Path', value: '{{origin}}/api/tenant/v1' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'conversations.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  pitfalls: [
    'Plain ChatOpenAI picks from a list: use the Custom node for aliases.',
    'Document stores do not upload to the platform.',
  ],
  docs: ['https://docs.flowiseai.com/integrations/langchain/chat-models/chatopenai'],
  evidence: {
    confidence: 'high',
    sources: ['FlowiseAI/Flowise@ababf4c8 ChatOpenAI.ts, ChatOpenAICustom.ts, OpenAIApi.credential.ts'],
  },
  client: { ...openaiNode },
};
