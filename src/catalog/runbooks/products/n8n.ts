import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const n8n: RunbookData = {
  slug: 'n8n',
  name: 'n8n',
  category: 'Workflow and builders',
  compatibility: 'ext',
  summary: 'OpenAI credential with Base URL; HTTP Request node for uploads.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'Model list splits the URL at the last "/" and uses the last segment as version: …/api/tenant would ask /api/tenant/models.',
  },
  fields: [
    { where: 'Credentials > OpenAI > API Key', value: '{{api_key}}' },
    { where: 'Credentials > OpenAI > Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'OpenAI Chat Model > Use Responses API', value: 'off, unless responses are wanted' },
    { where: 'OpenAI Chat Model > Model > ID', value: '{{model}}' },
    { where: 'HTTP Request > Header Auth', value: 'Authorization: Bearer {{api_key}}' },
  ],
  routes: [
    { route: 'models.list', use: 'always', verdict: 'native', note: 'Credential test and model picker.' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    {
      route: 'responses.create',
      use: 'fallback',
      verdict: 'native',
      note: '"Use Responses API" is on by default since node version 1.3.',
    },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
    { route: 'conversations.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  ],
  extensions: ['HTTP Request node: multipart "n8n Binary File" to /datasets/{id}/files, then Wait + GET /files/{id} loop.'],
  pitfalls: [
    'No trailing slash: the last path segment is taken as API version.',
    'Use Responses API is on by default.',
    'Default model gpt-5-mini: choose the alias.',
    'The classic "OpenAI" app node has no base URL in old versions; use the credential field.',
    'The organization ID is sent when it is filled in; the platform ignores it.',
  ],
  docs: [
    'https://docs.n8n.io/integrations/builtin/cluster-nodes/sub-nodes/n8n-nodes-langchain.lmchatopenai/',
    'https://docs.n8n.io/integrations/builtin/credentials/openai/',
  ],
  evidence: {
    confidence: 'high',
    sources: ['n8n-io/n8n packages/@n8n/nodes-langchain/nodes/llms/LMChatOpenAi/LmChatOpenAi.node.ts'],
  },
  client: { ...openaiNode },
};
