import { openaiCompiled } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const semanticKernel: RunbookData = {
  slug: 'semantic-kernel',
  name: 'Semantic Kernel',
  category: 'Framework and orchestration',
  compatibility: 'ext',
  summary: 'OpenAI connector with a custom endpoint.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'OPENAI_CHAT_MODEL_ID', value: '{{model}}' },
    { name: 'OPENAI_EMBEDDING_MODEL_ID', value: '{{embed_model}}' },
  ],
  snippets: [
    {
      file: 'Program.cs',
      language: 'csharp',
      lines: [
        'builder.AddOpenAIChatCompletion(modelId: "{{model}}", endpoint: new Uri("{{origin}}/api/tenant/v1"), apiKey: "{{api_key}}");',
      ],
    },
    {
      file: 'sk.py',
      language: 'python',
      lines: [
        'from openai import AsyncOpenAI',
        'from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion',
        'svc = OpenAIChatCompletion(ai_model_id="{{model}}", async_client=AsyncOpenAI(base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}"))',
      ],
    },
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
  preset: 'chat-plus-embeddings',
  alternatives: [
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  pitfalls: [
    'Python settings have no base URL variable: pass async_client.',
    'Endpoint must contain /v1 (library default is https://api.openai.com/v1).',
  ],
  docs: ['https://learn.microsoft.com/en-us/semantic-kernel/concepts/ai-services/chat-completion/'],
  evidence: {
    confidence: 'high',
    sources: ['microsoft/semantic-kernel@b39d95a3 OpenAIKernelBuilderExtensions.cs, ClientCore.cs, open_ai_settings.py'],
  },
  client: { ...openaiCompiled },
};
