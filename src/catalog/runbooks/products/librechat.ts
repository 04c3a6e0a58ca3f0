import { chatting, openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const librechat: RunbookData = {
  slug: 'librechat',
  name: 'LibreChat',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Custom endpoint in librechat.yaml.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'Appends /chat/completions; directEndpoint:true when a full URL is given.',
  },
  fields: [
    { where: 'librechat.yaml endpoints.custom[].name', value: 'GT' },
    { where: 'endpoints.custom[].apiKey', value: '${GT_API_KEY}' },
    { where: 'endpoints.custom[].baseURL', value: '{{origin}}/api/tenant/v1' },
    { where: 'endpoints.custom[].models.default', value: '{{model}}' },
    { where: 'endpoints.custom[].models.fetch', value: 'true' },
    { where: 'endpoints.custom[].titleModel', value: 'current_model' },
  ],
  env: [
    { name: 'GT_API_KEY', value: '{{api_key}}' },
    { name: 'RAG_OPENAI_BASEURL', value: '{{origin}}/api/tenant/v1' },
    { name: 'RAG_OPENAI_API_KEY', value: '{{api_key}}' },
  ],
  snippets: [
    {
      file: 'librechat.yaml',
      language: 'yaml',
      lines: [
        'endpoints:',
        '  custom:',
        '    - name: "GT"',
        '      apiKey: "${GT_API_KEY}"',
        '      baseURL: "{{origin}}/api/tenant/v1"',
        '      models:',
        '        default: ["{{model}}"]',
        '        fetch: true',
        '      titleConvo: true',
        '      titleModel: "current_model"',
        '      modelDisplayLabel: "GT"',
        '      headers:',
        '        X-GT-Conversation-Id: "{{LIBRECHAT_BODY_CONVERSATIONID}}"',
        'speech:',
        '  stt:',
        '    openai: { url: "{{origin}}/api/tenant/v1/audio/transcriptions", apiKey: "${GT_API_KEY}", model: "{{model}}" }',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native', note: 'Where models.fetch is true.' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    {
      route: 'embeddings.create',
      use: 'optional',
      verdict: 'native',
      note: 'From the container of the RAG API, which has settings of its own.',
    },
    {
      route: 'audio.transcriptions.create',
      use: 'optional',
      verdict: 'native',
      note: 'speech.stt.openai.url is the whole address of the route.',
    },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native', note: 'With speech.tts.' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional', note: 'models.default is required, fetching is not.' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'voice-and-audio', when: 'The product hears or speaks.' },
  ],
  extensions: [
    'Headers take {{LIBRECHAT_BODY_CONVERSATIONID}}: in X-GT-Conversation-Id it makes each chat a conversation of the platform.',
  ],
  pitfalls: [
    'titleModel defaults to gpt-3.5-turbo: without an alias of that name every first turn logs 404 model_not_found; use current_model.',
    'Endpoint name must not equal openAI, azureOpenAI, google, anthropic, assistants, agents or bedrock.',
    'Default parameters (user, stop, penalties) are sent: use dropParams only if the server rejects them.',
    'An alias containing "claude" switches on Claude document limits.',
    'userIdQuery adds a query parameter to /models: leave it off.',
  ],
  notSupported: ['Assistants endpoint type (uses the Assistants API).'],
  docs: [
    'https://www.librechat.ai/docs/configuration/librechat_yaml/object_structure/custom_endpoint',
    'https://www.librechat.ai/docs/quick_start/custom_endpoints',
  ],
  evidence: {
    confidence: 'high',
    sources: ['LibreChat-AI/librechat.ai@4529bf5d …/custom_endpoint.mdx, stt_tts.mdx, rag_api.mdx'],
  },
  client: { ...openaiNode, ...chatting, chat: { adds: { user: 'librechat', presence_penalty: 0, frequency_penalty: 0 } } },
};
