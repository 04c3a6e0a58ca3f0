import { agentic, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const codexCli: RunbookData = {
  slug: 'codex-cli',
  name: 'Codex CLI',
  category: 'Developer tooling',
  compatibility: 'guided',
  summary: 'Only the Responses API; needs /v1/responses with streaming and function tools.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: '~/.codex/config.toml model_providers.gt.base_url', value: '{{origin}}/api/tenant/v1' },
    { where: 'model_providers.gt.env_key', value: 'GT_API_KEY' },
    { where: 'model_providers.gt.wire_api', value: 'responses' },
    { where: 'model', value: '{{model}}' },
  ],
  env: [{ name: 'GT_API_KEY', value: '{{api_key}}' }],
  snippets: [
    {
      file: '~/.codex/config.toml',
      language: 'toml',
      lines: [
        'model = "{{model}}"',
        'model_provider = "gt"',
        '[model_providers.gt]',
        'name = "GT"',
        'base_url = "{{origin}}/api/tenant/v1"',
        'env_key = "GT_API_KEY"',
        'wire_api = "responses"',
        'request_max_retries = 4',
        'stream_max_retries = 5',
        'stream_idle_timeout_ms = 300000',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'fallback', verdict: 'native' },
    { route: 'responses.create', use: 'always', verdict: 'native' },
  ],
  streaming: 'required',
  tools: 'required',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  pitfalls: [
    'wire_api = "chat" is refused by current versions (discussion #7782).',
    'Does not retry 429; retries 5xx and transport errors.',
    'Gives up a stream that is silent for 300 s: raise stream_idle_timeout_ms for slow agents.',
    'Sends include, store:false, reasoning and prompt_cache_key with each request.',
    'Asks chatgpt.com, github.com and api.github.com for plugins when it starts: plugins = false under [features] stops that.',
    'Waits for the typed events response.created … response.completed, which a proxy must not hold back.',
  ],
  docs: ['https://developers.openai.com/codex/config-advanced', 'https://github.com/openai/codex/discussions/7782'],
  evidence: { confidence: 'high', sources: ['openai/codex codex-rs/model-provider-info/src/lib.rs'] },
  client: {
    ...plainHttp,
    ...agentic,
    retry: { times: 4, statuses: [500, 502, 503, 504], waitsFor: [] },
    timeoutSeconds: 300,
    npm: ['@openai/codex'],
  },
};
