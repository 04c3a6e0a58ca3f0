import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const vscodeCopilotByok: RunbookData = {
  slug: 'vscode-copilot-byok',
  name: 'VS Code Copilot Chat (Custom Endpoint)',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'BYOK Custom Endpoint provider; per-model full URL.',
  baseUrl: { rule: 'full', value: '{{origin}}/api/tenant/v1/chat/completions' },
  fields: [
    { where: 'Chat: Manage Language Models > Add Models > Custom Endpoint', value: 'group name + key' },
    { where: 'chatLanguageModels.json models[].url', value: '{{origin}}/api/tenant/v1/chat/completions' },
    { where: 'models[].apiType', value: 'chat-completions | responses' },
  ],
  snippets: [
    {
      file: 'chatLanguageModels.json',
      language: 'json',
      lines: [
        '[ { "name": "GT", "vendor": "customendpoint", "apiKey": "{{api_key}}", "models": [ { "id": "{{model}}", "name": "{{model}}", "url": "{{origin}}/api/tenant/v1/chat/completions", "apiType": "chat-completions", "toolCalling": true, "vision": false, "maxInputTokens": 120000, "maxOutputTokens": 8192, "streaming": true } ] } ]',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Needs VS Code 1.122 or later.',
    'toolCalling must be true for agent mode.',
    "Inline completions stay on Copilot's own models.",
    'Organisation policy may switch BYOK off.',
  ],
  docs: ['https://code.visualstudio.com/docs/copilot/customization/language-models'],
  evidence: {
    confidence: 'medium',
    sources: ['docs.asksage.ai/docs/integrations/vscode-copilot-byok.html; voxvey-developers.pages.dev/docs/agents-vscode'],
  },
  client: { ...plainHttp, ...agentic, joins: 'as_is' },
};
