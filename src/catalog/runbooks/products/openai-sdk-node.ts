import { generalAlternatives, generalRoutes } from '../general-clients.js';
import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openaiSdkNode: RunbookData = {
  slug: 'openai-sdk-node',
  name: 'OpenAI SDK (Node / TypeScript)',
  category: 'SDK and HTTP',
  compatibility: 'native',
  summary: 'Reference JavaScript client; behaviour checked by running openai 6.49.0 against a mock server.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'Checked: baseURL …/api/tenant calls /api/tenant/chat/completions; …/api/tenant/v1 and …/v1/ both call /v1/chat/completions.',
  },
  fields: [
    { where: 'new OpenAI({ baseURL })', value: '{{origin}}/api/tenant/v1' },
    { where: 'new OpenAI({ apiKey })', value: '{{api_key}}' },
    { where: 'model', value: '{{model}}' },
  ],
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_ORG_ID', value: null },
    { name: 'OPENAI_PROJECT_ID', value: null },
  ],
  snippets: [
    {
      file: 'quickstart.mjs',
      language: 'js',
      lines: [
        "import OpenAI from 'openai';",
        "const client = new OpenAI({ baseURL: '{{origin}}/api/tenant/v1', apiKey: '{{api_key}}' });",
        "const r = await client.chat.completions.create({ model: '{{model}}', messages: [{ role: 'user', content: 'ping' }] });",
        'console.log(r.choices[0].message.content, r._request_id);',
      ],
    },
  ],
  routes: generalRoutes,
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: generalAlternatives,
  pitfalls: [
    'embeddings.create sends encoding_format:"base64" when the caller gives none (checked).',
    'Retries 2 times; retry-after-ms wins over Retry-After; waits above 60 s are ignored; x-should-retry:false stops retries (checked).',
    'Sends x-stainless-* headers. The platform lets them pass from browsers too, but a key in a browser is a key given away.',
    'openai 7.x needs Node >=22; 6.x runs on Node 20.',
  ],
  docs: ['https://github.com/openai/openai-node'],
  evidence: {
    confidence: 'high',
    sources: ['openai/openai-node@7b7d6ca7 src/client.ts, src/core/streaming.ts', 'run: openai@6.49.0'],
  },
  client: { ...openaiNode, npm: ['openai'] },
};
