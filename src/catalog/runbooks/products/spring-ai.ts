import { openaiCompiled } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const springAi: RunbookData = {
  slug: 'spring-ai',
  name: 'Spring AI',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'spring.ai.openai.* properties.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'Spring AI 2.x uses openai-java with default https://api.openai.com/v1; Spring AI 1.x appended /v1 itself (use the root there).',
  },
  fields: [
    { where: 'spring.ai.openai.base-url', value: '{{origin}}/api/tenant/v1' },
    { where: 'spring.ai.openai.api-key', value: '{{api_key}}' },
    { where: 'spring.ai.openai.chat.model', value: '{{model}}' },
    { where: 'spring.ai.openai.embedding.model', value: '{{embed_model}}' },
  ],
  snippets: [
    {
      file: 'application.properties',
      language: 'properties',
      lines: [
        'spring.ai.openai.base-url={{origin}}/api/tenant/v1',
        'spring.ai.openai.api-key={{api_key}}',
        'spring.ai.openai.chat.model={{model}}',
        'spring.ai.openai.chat.stream-usage=true',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'chat-plus-embeddings',
  alternatives: [{ preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' }],
  pitfalls: [
    'The 2.x property table still prints https://api.openai.com as default while the code uses …/v1: test both.',
    'max-tokens and max-completion-tokens exclude each other.',
    'timeout 60 s, 3 retries by default.',
  ],
  docs: ['https://docs.spring.io/spring-ai/reference/api/chat/openai-chat.html'],
  evidence: { confidence: 'high', sources: ['spring-projects/spring-ai@fd3fd6ec openai-chat.adoc; OpenAiSetup.java'] },
  client: { ...openaiCompiled, retry: { ...openaiCompiled.retry, times: 3 }, timeoutSeconds: 60 },
};
