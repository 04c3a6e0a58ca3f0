import { generalAlternatives } from '../general-clients.js';
import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openaiSdkPython: RunbookData = {
  slug: 'openai-sdk-python',
  name: 'OpenAI SDK (Python)',
  category: 'SDK and HTTP',
  compatibility: 'native',
  summary: 'Reference client; every other Python row inherits its retry, timeout and header behaviour.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'SDK joins base_url + "/chat/completions"; without /v1 it calls /api/tenant/chat/completions.',
  },
  fields: [
    { where: 'OpenAI(base_url=…)', value: '{{origin}}/api/tenant/v1' },
    { where: 'OpenAI(api_key=…)', value: '{{api_key}}' },
    { where: 'model', value: '{{model}}' },
  ],
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_ORG_ID', value: null, note: 'Sent as OpenAI-Organization.' },
    { name: 'OPENAI_PROJECT_ID', value: null, note: 'Sent as OpenAI-Project.' },
  ],
  snippets: [
    {
      file: 'quickstart.py',
      language: 'python',
      lines: [
        'from openai import OpenAI',
        'client = OpenAI(base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}")',
        'print([m.id for m in client.models.list()])',
        'r = client.chat.completions.create(model="{{model}}", messages=[{"role": "user", "content": "ping"}])',
        'print(r.choices[0].message.content)',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
    { route: 'conversations.files.create', use: 'optional', verdict: 'gt_extension', note: 'Through client.post(…).' },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension', note: 'Through client.post(…).' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: generalAlternatives,
  extensions: ['The raw verbs of the client, such as client.post("/datasets/{id}/files", …), keep the base URL and the key.'],
  pitfalls: [
    'Retries 2 times on 408, 409, 429 and >=500; honours retry-after-ms, then Retry-After up to 120 s, and x-should-retry; never sends Idempotency-Key.',
    'Default timeout 600 s (connect 5 s).',
    'Embeddings are requested as base64 by default.',
    'Errors come as {"error":{message,type,param,code}}, so e.code and e.param are set.',
    'OpenAI-Organization and OpenAI-Project are sent when the variables exist; the platform ignores them.',
  ],
  docs: ['https://github.com/openai/openai-python'],
  evidence: {
    confidence: 'high',
    sources: ['openai/openai-python@e43b4224 src/openai/_base_client.py, _constants.py, _client.py'],
  },
  client: { ...openaiPython },
};
