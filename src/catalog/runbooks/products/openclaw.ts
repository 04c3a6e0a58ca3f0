import { agentic, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openclaw: RunbookData = {
  slug: 'openclaw',
  name: 'OpenClaw',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'A provider of its own in the configuration file, with the API of chat completions.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1', why: 'The client of openai-completions appends the route alone.' },
  fields: [
    { where: 'openclaw.json models.providers.gt.baseUrl', value: '{{origin}}/api/tenant/v1' },
    { where: 'models.providers.gt.apiKey', value: '${GT_API_KEY}' },
    { where: 'models.providers.gt.api', value: 'openai-completions' },
    { where: 'models.providers.gt.models[].id', value: '{{model}}' },
    { where: 'agents.defaults.model.primary', value: 'gt/{{model}}' },
  ],
  env: [{ name: 'GT_API_KEY', value: '{{api_key}}' }],
  snippets: [
    {
      file: '~/.openclaw/openclaw.json',
      language: 'json',
      lines: [
        '{ "agents": { "defaults": { "model": { "primary": "gt/{{model}}" } } },',
        '  "models": { "mode": "merge", "providers": { "gt": {',
        '    "baseUrl": "{{origin}}/api/tenant/v1", "apiKey": "${GT_API_KEY}", "api": "openai-completions",',
        '    "models": [ { "id": "{{model}}", "name": "{{model}}", "contextWindow": 131072, "maxTokens": 8192 } ] } } } }',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    {
      route: 'responses.create',
      use: 'optional',
      verdict: 'native',
      note: 'With "api": "openai-responses" in the provider.',
    },
    { route: 'conversations.files.create', use: 'optional', verdict: 'gt_extension', note: 'From a skill, by plain HTTP.' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension', note: 'From a skill, by plain HTTP.' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension', note: 'From a skill, by plain HTTP.' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional', note: 'Models are declared in the file.' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  extensions: [
    'The platform takes the conventions of its gateway too: the model openclaw/<alias> and the header x-openclaw-agent-id name an agent within the key.',
  ],
  pitfalls: [
    'The model needs the prefix of the provider, gt/.',
    'Without contextWindow it compacts too early.',
    'Uploads from a skill want a key of their own: the key of the chat has no scope for them.',
  ],
  docs: ['https://docs.openclaw.ai/concepts/model-providers'],
  evidence: { confidence: 'medium' },
  client: { ...openaiNode, ...agentic },
};
