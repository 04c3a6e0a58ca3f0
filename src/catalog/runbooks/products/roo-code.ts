import { agentic, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const rooCode: RunbookData = {
  slug: 'roo-code',
  name: 'Roo Code',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'Same form as Cline.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'API Provider', value: 'OpenAI Compatible' },
    { where: 'Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Model', value: '{{model}}' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: ['As with Cline.', 'The documentation that this follows is of May 2025: check the current state of the product.'],
  docs: ['https://docs.roocode.com/providers/openai-compatible'],
  evidence: { confidence: 'medium', sources: ['RooCodeInc/Roo-Code-Docs@487827a docs/providers/openai-compatible.md'] },
  client: { ...openaiNode, ...agentic },
};
