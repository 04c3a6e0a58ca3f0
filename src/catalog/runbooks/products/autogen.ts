import { openaiPython } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const autogen: RunbookData = {
  slug: 'autogen',
  name: 'AutoGen / AG2 / Microsoft Agent Framework',
  category: 'Framework and orchestration',
  compatibility: 'native',
  summary: 'OpenAIChatCompletionClient with base_url and model_info.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  snippets: [
    {
      file: 'ag.py',
      language: 'python',
      lines: [
        'from autogen_ext.models.openai import OpenAIChatCompletionClient',
        'c = OpenAIChatCompletionClient(model="{{model}}", base_url="{{origin}}/api/tenant/v1", api_key="{{api_key}}", model_info={"vision": False, "function_calling": True, "json_output": True, "family": "unknown", "structured_output": True})',
      ],
    },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: [
    'model_info is required for unknown names, else ValueError.',
    'AutoGen is in maintenance; new work goes to Microsoft Agent Framework.',
  ],
  docs: ['https://microsoft.github.io/autogen/stable/user-guide/agentchat-user-guide/migration-guide.html'],
  evidence: { confidence: 'high', sources: ['microsoft/autogen@027ecf0a migration-guide.md, _openai_client.py'] },
  client: { ...openaiPython },
};
