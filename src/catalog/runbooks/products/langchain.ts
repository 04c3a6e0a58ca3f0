import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const langchain: RunbookData = {
  slug: 'langchain',
  name: 'LangChain / LangGraph (Python and JS)',
  category: 'Framework and orchestration',
  compatibility: 'ext',
  summary: 'ChatOpenAI and OpenAIEmbeddings with a base URL.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Python ChatOpenAI(base_url, api_key, model)', value: '{{origin}}/api/tenant/v1' },
    { where: 'JS new ChatOpenAI({ configuration: { baseURL } })', value: '{{origin}}/api/tenant/v1' },
  ],
  env: [
    { name: 'OPENAI_API_BASE', value: '{{origin}}/api/tenant/v1', note: 'Python; OPENAI_BASE_URL also read by the SDK.' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'lc.py',
      language: 'python',
      lines: [
        'from langchain_openai import ChatOpenAI, OpenAIEmbeddings',
        'llm = ChatOpenAI(model="{{model}}", base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}", use_responses_api=False)',
        'emb = OpenAIEmbeddings(model="{{embed_model}}", base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}", check_embedding_ctx_length=False)',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'fallback', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
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
    { preset: 'voice-and-audio', when: 'The product hears or speaks.' },
  ],
  pitfalls: [
    'Python OpenAIEmbeddings tokenises and sends arrays of token ids unless check_embedding_ctx_length=False: leave it False, since not every provider takes them.',
    'SDK asks base64 embeddings (checked in JS: encoding_format base64).',
    'JS streaming sends stream_options.include_usage by default (checked, @langchain/openai 1.6.0); in Python set stream_usage yourself instead of relying on the default for custom base URLs.',
    'Responses is chosen by itself for some features or names: pin use_responses_api=False.',
    'Non-standard fields such as reasoning_content are dropped.',
  ],
  docs: [
    'https://reference.langchain.com/python/langchain-openai/chat_models/base',
    'https://docs.langchain.com/oss/python/integrations/chat/openai',
  ],
  evidence: { confidence: 'high', sources: ['langchain PR #35252; reference.langchain.com', 'run: @langchain/openai@1.6.0'] },
  client: { ...openaiNode, streaming: { asksUsage: true }, npm: ['@langchain/openai'] },
};
