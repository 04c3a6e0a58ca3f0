import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const langflow: RunbookData = {
  slug: 'langflow',
  name: 'Langflow',
  category: 'Workflow and builders',
  compatibility: 'guided',
  summary: 'OpenAI component, advanced field OpenAI API Base.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'OpenAI > OpenAI API Key', value: '{{api_key}}' },
    { where: 'OpenAI > Model Name (combobox)', value: '{{model}}' },
    { where: 'OpenAI > Controls > OpenAI API Base', value: '{{origin}}/api/tenant/v1' },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  alternatives: [{ preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' }],
  pitfalls: ['Always adds stream_options.include_usage.', 'Sends seed and temperature 0.1 by default.'],
  docs: ['https://docs.langflow.org/components-models'],
  evidence: { confidence: 'high', sources: ['langflow-ai/langflow src/lfx/…/openai_chat_model.py'] },
  client: { ...openaiPython, chat: { adds: { seed: 1, temperature: 0.1 } }, streaming: { asksUsage: true } },
};
