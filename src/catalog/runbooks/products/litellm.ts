import { liteLlm } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const litellm: RunbookData = {
  slug: 'litellm',
  name: 'LiteLLM (SDK and proxy)',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'Upstream with the openai/ prefix.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [{ name: 'GT_API_KEY', value: '{{api_key}}' }],
  snippets: [
    {
      file: 'config.yaml',
      language: 'yaml',
      lines: [
        'model_list:',
        '  - model_name: gt',
        '    litellm_params:',
        '      model: openai/{{model}}',
        '      api_base: {{origin}}/api/tenant/v1',
        '      api_key: os.environ/GT_API_KEY',
        '  - model_name: gt-embed',
        '    litellm_params:',
        '      model: openai/{{embed_model}}',
        '      api_base: {{origin}}/api/tenant/v1',
        '      api_key: os.environ/GT_API_KEY',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'Proxy may bridge to /responses.' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'chat-plus-embeddings',
  alternatives: [
    { preset: 'openai-chat-client', when: 'The product only chats.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  ],
  pitfalls: [
    'Prefix openai/ decides chat; text-completion-openai/ the legacy route.',
    'Add nothing but /v1 to api_base.',
    'Health checks call every model: give them a small max_tokens, or leave the alias out.',
    'One key hides all end users: forward the "user" field.',
  ],
  docs: ['https://docs.litellm.ai/docs/providers/openai_compatible'],
  evidence: { confidence: 'high', sources: ['docs.litellm.ai/docs/providers/openai_compatible (2026-10-10)'] },
  client: { ...liteLlm },
};
