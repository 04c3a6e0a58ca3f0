import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openaiAgentsSdk: RunbookData = {
  slug: 'openai-agents-sdk',
  name: 'OpenAI Agents SDK',
  category: 'Framework and orchestration',
  compatibility: 'guided',
  summary: 'Responses by default; traces go to OpenAI unless switched off.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  env: [
    { name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'ag.py',
      language: 'python',
      lines: [
        'from agents import set_default_openai_api, set_tracing_disabled',
        'set_default_openai_api("chat_completions")  # or leave it out: the key serves Responses too',
        'set_tracing_disabled(True)',
      ],
    },
  ],
  routes: [
    { route: 'chat.completions.create', use: 'fallback', verdict: 'native' },
    { route: 'responses.create', use: 'always', verdict: 'native' },
    {
      route: 'responses.get',
      use: 'optional',
      verdict: 'native',
      note: 'For runs in the background, through the client of the OpenAI SDK.',
    },
    {
      route: 'responses.cancel',
      use: 'optional',
      verdict: 'native',
      note: 'For runs in the background, through the client of the OpenAI SDK.',
    },
    {
      route: 'responses.delete',
      use: 'optional',
      verdict: 'native',
      note: 'For runs in the background, through the client of the OpenAI SDK.',
    },
  ],
  streaming: 'supported',
  tools: 'required',
  modelList: { use: 'never' },
  preset: 'agentic-ide',
  pitfalls: [
    'Tracing uploads to OpenAI with the key found in OPENAI_API_KEY: 401 noise, and the gtak_ key reaches a third party; switch it off.',
    'chat_completions is for agents whose tools the Responses API does not need.',
    'Of hosted tools, file search over vector stores is run by the platform; the others only where the agent allows them.',
  ],
  docs: ['https://openai.github.io/openai-agents-python/config/', 'https://openai.github.io/openai-agents-python/models/'],
  evidence: { confidence: 'high', sources: ['openai/openai-agents-python@7f7a44f8 docs/config.md, docs/models/index.md'] },
  client: { ...openaiNode, tools: 'always', npm: ['@openai/agents'] },
};
