import { agentic, openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const hermes: RunbookData = {
  slug: 'hermes',
  name: 'Hermes Agent',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'Terminal agent; a custom endpoint takes any OpenAI-compatible address.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'It calls through the OpenAI SDK, which appends the route alone.',
  },
  fields: [
    { where: 'hermes model > Custom endpoint > API base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'hermes model > Custom endpoint > API key', value: '{{api_key}}' },
    { where: 'hermes model > Custom endpoint > Model name', value: '{{model}}' },
  ],
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    {
      route: 'conversations.files.create',
      use: 'optional',
      verdict: 'gt_extension',
      note: 'From a tool of its own, by plain HTTP.',
    },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension', note: 'From a tool of its own, by plain HTTP.' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension', note: 'From a tool of its own, by plain HTTP.' },
  ],
  streaming: 'supported',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  pitfalls: [
    'The model must call tools well, and needs a long context.',
    'Uploads from a tool want a key of their own: the key of the chat has no scope for them.',
  ],
  docs: ['https://hermes-agent.nousresearch.com/docs/'],
  evidence: { confidence: 'low' },
  client: { ...openaiPython, ...agentic },
};
