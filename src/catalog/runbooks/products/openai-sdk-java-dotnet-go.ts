import { openaiCompiled } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openaiSdkJavaDotnetGo: RunbookData = {
  slug: 'openai-sdk-java-dotnet-go',
  name: 'OpenAI SDKs (Java, .NET, Go)',
  category: 'SDK and HTTP',
  compatibility: 'native',
  summary: 'Official SDKs for other languages; the same base URL rule.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Java: OpenAIOkHttpClient.builder().baseUrl(…)', value: '{{origin}}/api/tenant/v1' },
    { where: '.NET: OpenAIClientOptions.Endpoint', value: '{{origin}}/api/tenant/v1' },
    { where: 'Go: option.WithBaseURL(…)', value: '{{origin}}/api/tenant/v1/' },
  ],
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
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
  pitfalls: ['Go resolves paths relatively: keep the trailing slash.', '.NET Endpoint is a Uri that must already contain /v1.'],
  docs: [
    'https://github.com/openai/openai-java',
    'https://github.com/openai/openai-dotnet',
    'https://github.com/openai/openai-go',
  ],
  evidence: { confidence: 'medium' },
  client: { ...openaiCompiled },
};
