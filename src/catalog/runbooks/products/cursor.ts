import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const cursor: RunbookData = {
  slug: 'cursor',
  name: 'Cursor',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: "Override OpenAI Base URL; traffic passes Cursor's servers.",
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Cursor Settings > Models > OpenAI API Key', value: '{{api_key}}' },
    { where: 'Override OpenAI Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'Add or search model', value: '{{model}}' },
  ],
  routes: [
    { route: 'models.list', use: 'fallback', verdict: 'native', note: 'Verify button.' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    "The platform must be reachable over public HTTPS: Cursor's backend calls it, not the editor.",
    'Override is global for all OpenAI models while on.',
    'Tab completion never uses it; some agent modes do not.',
    "The key travels to Cursor's backend with each request.",
  ],
  notSupported: ['Private-network tenants.', 'Cursor-hosted models.'],
  docs: ['https://cursor.com/docs/settings/api-keys'],
  evidence: {
    confidence: 'medium',
    sources: ['tokenbay.com/docs/tools/cursor, langwatch.ai/docs/ai-gateway/cli/cursor, docs.getbifrost.ai/cli-agents/cursor'],
  },
  client: { ...plainHttp, ...agentic },
};
