import { plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const dify: RunbookData = {
  slug: 'dify',
  name: 'Dify',
  category: 'Workflow and builders',
  compatibility: 'ext',
  summary: 'OpenAI-API-compatible plugin, one entry per model and type.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'LLM type: base with /v1. Plugin README says non-LLM types (embedding, rerank, STT, TTS) may append the version themselves: use the root there.',
  },
  fields: [
    {
      where: 'Settings > Model Provider > OpenAI-API-compatible > Model Type',
      value: 'LLM / Text Embedding / Speech2text / TTS',
    },
    { where: 'Model Name', value: '{{model}}' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'API Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'Completion mode', value: 'Chat' },
    { where: 'Model context size', value: 'real value' },
    { where: 'Function calling', value: 'Tool Call' },
    { where: 'Embedding encoding format', value: 'float' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
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
    { preset: 'voice-and-audio', when: 'The product hears or speaks.' },
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
  ],
  pitfalls: [
    'Validation sends a chat with max_tokens 5: the alias must answer it.',
    'No model list: each alias is typed.',
    'Adds stream_options.include_usage unless disabled.',
    '/v1/v1 danger for embedding and audio types.',
    'max_tokens versus max_completion_tokens is a per-model option.',
  ],
  docs: [
    'https://docs.dify.ai/en/guides/model-configuration/readme',
    'https://marketplace.dify.ai/plugins/langgenius/openai_api_compatible',
  ],
  evidence: {
    confidence: 'high',
    sources: [
      'langgenius/dify-official-plugins@7af22831 models/openai_api_compatible (llm.py, common_openai.py, provider yaml, README)',
    ],
  },
  client: { ...plainHttp, chat: { limit: 'max_tokens' }, embeddings: { encoding: 'float' }, streaming: { asksUsage: true } },
};
