import { chatting, liteLlm } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const aider: RunbookData = {
  slug: 'aider',
  name: 'Aider',
  category: 'Developer tooling',
  compatibility: 'native',
  summary: 'Terminal pair programmer (LiteLLM inside).',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_API_BASE', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'shell',
      language: 'bash',
      lines: [
        'export OPENAI_API_BASE={{origin}}/api/tenant/v1 OPENAI_API_KEY={{api_key}}',
        'aider --model openai/{{model}} --no-show-model-warnings',
      ],
    },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'required',
  tools: 'not used (edit formats in text)',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Model needs the openai/ prefix.',
    'Unknown model: context size and cost come from .aider.model.metadata.json.',
    'Weak model for commit messages: set --weak-model openai/{{model}}.',
  ],
  docs: ['https://aider.chat/docs/llms/openai-compat.html'],
  evidence: { confidence: 'high', sources: ['Aider-AI/aider@5dc9490b aider/website/docs/llms/openai-compat.md'] },
  client: { ...liteLlm, ...chatting, tools: 'never' },
};
