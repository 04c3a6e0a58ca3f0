import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const anythingllm: RunbookData = {
  slug: 'anythingllm',
  name: 'AnythingLLM',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Generic OpenAI provider for chat, embeddings, STT and TTS, each with its own settings.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'LLM provider', value: 'Generic OpenAI' },
    { where: 'Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Chat Model Name', value: '{{model}}' },
    { where: 'Model context window', value: 'real window of the alias' },
  ],
  env: [
    { name: 'LLM_PROVIDER', value: 'generic-openai' },
    { name: 'GENERIC_OPEN_AI_BASE_PATH', value: '{{origin}}/api/tenant/v1' },
    { name: 'GENERIC_OPEN_AI_API_KEY', value: '{{api_key}}' },
    { name: 'GENERIC_OPEN_AI_MODEL_PREF', value: '{{model}}' },
    { name: 'GENERIC_OPEN_AI_MODEL_TOKEN_LIMIT', value: '131072' },
    { name: 'GENERIC_OPEN_AI_MAX_TOKENS', value: '4096' },
    { name: 'EMBEDDING_ENGINE', value: 'generic-openai' },
    { name: 'EMBEDDING_BASE_PATH', value: '{{origin}}/api/tenant/v1' },
    { name: 'GENERIC_OPEN_AI_EMBEDDING_API_KEY', value: '{{api_key}}' },
    { name: 'EMBEDDING_MODEL_PREF', value: '{{embed_model}}' },
    { name: 'WHISPER_PROVIDER', value: 'generic-openai' },
    { name: 'WHISPER_GENERIC_OPEN_AI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'GENERIC_OPENAI_STREAMING_DISABLED', value: 'false' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'voice-and-audio', when: 'The product hears or speaks.' },
  ],
  pitfalls: [
    'Token limit defaults to 4096 and max tokens to 1024: answers look cut.',
    'Native tool calling can be switched off with PROVIDER_DISABLE_NATIVE_TOOL_CALLING.',
    'Images go as data: URLs in a content array.',
  ],
  docs: ['https://docs.anythingllm.com/setup/llm-configuration/cloud/openai-generic'],
  evidence: {
    confidence: 'high',
    sources: [
      'Mintplex-Labs/anything-llm@72aabbd1 docker/.env.example; server/utils/AiProviders/genericOpenAi/index.js; EmbeddingEngines/genericOpenAi',
    ],
  },
  client: { ...openaiNode, chat: { limit: 'max_tokens' } },
};
