import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const openWebui: RunbookData = {
  slug: 'open-webui',
  name: 'Open WebUI',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Admin connection plus optional separate RAG, speech and image settings.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'All documented providers use …/v1; the client appends /models and /chat/completions.',
  },
  fields: [
    { where: 'Admin Settings > Connections > OpenAI > Add Connection > URL', value: '{{origin}}/api/tenant/v1' },
    { where: '… > API Key', value: '{{api_key}}' },
    { where: '… > Model IDs (Filter)', value: '{{model}}', note: 'Optional allow list.' },
    { where: '… > Headers (JSON)', value: '{"X-GT-Conversation-Id":"{{CHAT_ID}}"}', note: 'Optional.' },
  ],
  env: [
    { name: 'OPENAI_API_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'RAG_OPENAI_API_BASE_URL', value: '{{origin}}/api/tenant/v1', note: 'Defaults to OPENAI_API_BASE_URL.' },
    { name: 'RAG_OPENAI_API_KEY', value: '{{api_key}}' },
    { name: 'AUDIO_STT_OPENAI_API_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'AUDIO_TTS_OPENAI_API_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'IMAGES_OPENAI_API_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { name: 'ENABLE_FORWARD_USER_INFO_HEADERS', value: 'true', note: 'Adds X-OpenWebUI-User-* and X-OpenWebUI-Chat-Id.' },
    { name: 'ENABLE_OPENAI_API_PASSTHROUGH', value: 'false', note: 'Keep false.' },
  ],
  snippets: [
    {
      file: 'docker run',
      language: 'bash',
      lines: [
        'docker run -d -p 3000:8080 -e OPENAI_API_BASE_URL={{origin}}/api/tenant/v1 -e OPENAI_API_KEY={{api_key}} -v open-webui:/app/backend/data ghcr.io/open-webui/open-webui:main',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'always', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'responses.create', use: 'optional', verdict: 'native', note: 'Experimental Open Responses connection type.' },
    {
      route: 'embeddings.create',
      use: 'optional',
      verdict: 'native',
      note: 'Only when Settings > Documents uses engine "openai".',
    },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'native function calling sends tools; streamed tool_calls need index',
  modelList: { use: 'required', note: 'Required for auto-discovery; otherwise add Model IDs by hand.' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  ],
  extensions: [
    'Headers of a connection take {{CHAT_ID}}: in X-GT-Conversation-Id it makes each chat a conversation of the platform.',
  ],
  pitfalls: [
    'No trailing slash.',
    'These variables are ConfigVar: stored in its database on first start; later env changes are ignored, use the UI.',
    'Verifying a connection asks for GET /models, which every live key may.',
    'Background tasks (title, tags, follow-ups, autocomplete) use the same key and multiply requests.',
    'RAG, STT, TTS and image bases default to OPENAI_API_BASE_URL: without those scopes they return 403.',
    'localhost in Docker means the container: use host.docker.internal.',
    'Streamed tool calls without "index" give empty replies; the providers\' streams have it.',
    'RAG_EMBEDDING_OPENAI_BATCH_SIZE defaults to 1: many small embedding calls.',
  ],
  notSupported: ['File attachments stay inside Open WebUI; they do not become platform uploads.'],
  docs: [
    'https://docs.openwebui.com/getting-started/quick-start/connect-a-provider/starting-with-openai-compatible',
    'https://docs.openwebui.com/reference/env-configuration',
  ],
  evidence: {
    confidence: 'high',
    sources: [
      'open-webui/docs@1eea3847 docs/reference/env-configuration.mdx; …/starting-with-openai-compatible.mdx',
      'issue open-webui#16749 (trailing slash)',
    ],
  },
  client: { ...plainHttp, ...chatting, timeoutSeconds: 300 },
};
