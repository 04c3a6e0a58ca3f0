import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const manus: RunbookData = {
  slug: 'manus',
  name: 'Manus',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'Programs that Manus writes and runs call the platform with the OpenAI SDK; its own model stays.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1', why: 'The SDK appends the route alone.' },
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'ask.py',
      language: 'python',
      lines: [
        'from openai import OpenAI',
        'client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY',
        'r = client.chat.completions.create(model="{{model}}", messages=[{"role": "user", "content": "ping"}])',
        'print(r.choices[0].message.content)',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Its programs run in a sandbox of Manus: the platform must be reachable over public HTTPS.',
    'The key is in the hands of the agent: give it a short expiry.',
  ],
  notSupported: ['The model that drives Manus itself cannot be changed.'],
  docs: ['https://manus.im/docs'],
  evidence: { confidence: 'low' },
  client: { ...openaiPython },
};
