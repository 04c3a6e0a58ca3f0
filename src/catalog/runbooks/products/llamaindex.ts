import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const llamaindex: RunbookData = {
  slug: 'llamaindex',
  name: 'LlamaIndex',
  category: 'Framework and orchestration',
  compatibility: 'ext',
  summary: 'OpenAILike for chat, OpenAILikeEmbedding for vectors.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  snippets: [
    {
      file: 'li.py',
      language: 'python',
      lines: [
        'from llama_index.llms.openai_like import OpenAILike',
        'llm = OpenAILike(model="{{model}}", api_base="{{origin}}/api/tenant/v1", api_key="{{api_key}}", is_chat_model=True, is_function_calling_model=True, context_window=128000)',
      ],
    },
    {
      file: 'li.ts',
      language: 'ts',
      lines: [
        "import { OpenAI, OpenAIEmbedding } from '@llamaindex/openai';",
        "const at = { baseURL: '{{origin}}/api/tenant/v1', apiKey: '{{api_key}}' };",
        "const llm = new OpenAI({ ...at, model: '{{model}}' });",
        "const embedding = new OpenAIEmbedding({ ...at, model: '{{embed_model}}' });",
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'completions.create', use: 'fallback', verdict: 'native' },
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
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  pitfalls: [
    'is_chat_model defaults to False: it then calls /completions instead of the chat.',
    'Class OpenAI(…) rejects unknown model names: use OpenAILike.',
    'context_window defaults to 3900.',
    'FunctionAgent needs is_function_calling_model=True.',
    'In TypeScript OpenAI(…) takes any model name, tries 10 times again by default (maxRetries) and sends temperature and top_p always.',
    'The npm registry calls the packages for TypeScript no longer maintained (@llamaindex/openai 0.4.23).',
  ],
  docs: ['https://developers.llamaindex.ai/python/framework-api-reference/llms/openai_like'],
  evidence: {
    confidence: 'high',
    sources: [
      'pypi llama-index-llms-openai-like 0.8.0; run-llama/llama_index discussion #23760',
      'npm @llamaindex/openai 0.4.23',
    ],
  },
  client: { ...openaiNode, npm: ['@llamaindex/openai'] },
};
