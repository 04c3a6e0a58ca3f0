import { agentic, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const cline: RunbookData = {
  slug: 'cline',
  aliases: ['cline-roo'],
  name: 'Cline',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'API Provider "OpenAI Compatible".',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'API Provider', value: 'OpenAI Compatible' },
    { where: 'Base URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'Model ID', value: '{{model}}' },
    { where: 'Model Configuration', value: 'context window, max output tokens, images' },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Wrong context window makes it truncate early.',
    'A chunk of usage with choices:[] crashed older versions; the platform sends it only when it is asked for.',
    'Very long prompts: a proxy before the platform must let bodies of 10 MB and long streams pass.',
  ],
  docs: ['https://docs.cline.bot/provider-config/openai-compatible'],
  evidence: {
    confidence: 'high',
    sources: ['cline/cline@21cb8d25 docs/provider-config/openai-compatible.mdx', 'cline PR #8518'],
  },
  client: { ...openaiNode, ...agentic },
};
