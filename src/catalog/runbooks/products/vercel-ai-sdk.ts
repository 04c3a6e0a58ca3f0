import { aiSdk } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const vercelAiSdk: RunbookData = {
  slug: 'vercel-ai-sdk',
  name: 'Vercel AI SDK',
  category: 'Framework and orchestration',
  compatibility: 'ext',
  summary: '@ai-sdk/openai-compatible, or createOpenAI(...).chat().',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'createOpenAICompatible({ name, baseURL, apiKey })', value: '{{origin}}/api/tenant/v1' },
    { where: 'createOpenAI({ baseURL }).chat(model)', value: '{{origin}}/api/tenant/v1' },
  ],
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1', note: 'Read by @ai-sdk/openai only.' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'ai.ts',
      language: 'ts',
      lines: [
        "import { createOpenAICompatible } from '@ai-sdk/openai-compatible';",
        "import { streamText } from 'ai';",
        "const gt = createOpenAICompatible({ name: 'gt', baseURL: '{{origin}}/api/tenant/v1', apiKey: '{{api_key}}', includeUsage: true });",
        "const r = streamText({ model: gt('{{model}}'), prompt: 'ping' });",
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'fallback', verdict: 'native' },
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
  modelList: { use: 'never' },
  preset: 'chat-plus-embeddings',
  alternatives: [
    { preset: 'openai-chat-client', when: 'The product only chats.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  ],
  pitfalls: [
    'createOpenAI()("alias") calls /v1/responses (checked, 4.0.118); openai.chat("alias") and openai-compatible call chat.',
    'openai-compatible sends no stream_options unless includeUsage is true (checked, 3.0.92).',
    'openai-compatible asks encoding_format float, sends max_tokens.',
    'Keep the key on the server, never in client components.',
  ],
  docs: ['https://ai-sdk.dev/providers/openai-compatible-providers', 'https://ai-sdk.dev/providers/ai-sdk-providers/openai'],
  evidence: {
    confidence: 'high',
    sources: ['vercel/ai@ed857f50 packages/openai, packages/openai-compatible', 'run: ai@7.0.173'],
  },
  client: { ...aiSdk, npm: ['ai', '@ai-sdk/openai-compatible'] },
};
