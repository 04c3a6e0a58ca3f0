import { openaiCompiled } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const langchain4j: RunbookData = {
  slug: 'langchain4j',
  name: 'LangChain4j',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'OpenAiChatModel.builder().baseUrl(…).',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  snippets: [
    {
      file: 'Gt.java',
      language: 'java',
      lines: [
        'var m = OpenAiChatModel.builder().baseUrl("{{origin}}/api/tenant/v1").apiKey("{{api_key}}").modelName("{{model}}").build();',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'chat-plus-embeddings',
  alternatives: [{ preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' }],
  pitfalls: ['Older releases use max_tokens, newer have maxCompletionTokens.'],
  docs: ['https://docs.langchain4j.dev/integrations/language-models/open-ai'],
  evidence: { confidence: 'high', sources: ['langchain4j@b8b809ed docs/…/open-ai.md'] },
  client: { ...openaiCompiled, headers: {} },
};
