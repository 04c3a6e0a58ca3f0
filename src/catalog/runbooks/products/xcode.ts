import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const xcode: RunbookData = {
  slug: 'xcode',
  name: 'Xcode Intelligence',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'Internet-hosted model provider; Xcode adds /v1/models and /v1/chat/completions.',
  baseUrl: {
    rule: 'root',
    value: '{{origin}}/api/tenant',
    why: 'Xcode appends the fixed suffixes {URL}/v1/models and {URL}/v1/chat/completions.',
  },
  fields: [
    { where: 'Settings > Intelligence > Add a Model Provider > URL', value: '{{origin}}/api/tenant' },
    { where: 'API Key', value: '{{api_key}}' },
    { where: 'API Key Header', value: 'Authorization (value "Bearer {{api_key}}") or as the form asks' },
    { where: 'Description', value: 'GT' },
  ],
  routes: [
    { route: 'models.list', use: 'always', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'required' },
  preset: 'openai-chat-client',
  pitfalls: [
    'A URL ending in /v1 doubles it.',
    '/v1/models must answer: there is no manual model entry.',
    'Header field decides whether "Bearer " must be typed.',
  ],
  docs: ['https://developer.apple.com/documentation/xcode/setting-up-coding-intelligence'],
  evidence: { confidence: 'medium', sources: ["lvv.me/posts/2025/09/13_reverse_proxy (quotes Apple's text)"] },
  client: { ...plainHttp, ...agentic, joins: 'append_v1' },
};
