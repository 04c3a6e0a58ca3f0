import { plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const nextcloudAssistant: RunbookData = {
  slug: 'nextcloud-assistant',
  name: 'Nextcloud Assistant (integration_openai)',
  category: 'Chat workspaces',
  compatibility: 'native',
  summary: 'Text, image, speech-to-text and text-to-speech for all users of an instance.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'Placeholder http://localhost:8080/v1; requests models, chat/completions, completions, images/generations, audio/speech, audio/transcriptions relative to it.',
  },
  fields: [
    { where: 'Administration > Artificial intelligence > OpenAI and LocalAI > Service URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'API key', value: '{{api_key}}' },
    { where: 'Default completion model', value: '{{model}}' },
    { where: 'Endpoint', value: 'Chat completions' },
  ],
  routes: [
    { route: 'models.list', use: 'always', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
    { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
    { route: 'images.generate', use: 'optional', verdict: 'native' },
    { route: 'completions.create', use: 'fallback', verdict: 'native' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
    { preset: 'voice-and-audio', when: 'The product hears or speaks.' },
  ],
  pitfalls: [
    'Separate service URLs exist for image, STT and TTS.',
    'Choose "Chat completions": "Completions" calls the legacy route.',
    'HTTP to private addresses is blocked unless allow_local_remote_servers is set.',
  ],
  docs: ['https://apps.nextcloud.com/apps/integration_openai'],
  evidence: {
    confidence: 'high',
    sources: ['nextcloud/integration_openai@d8072607 src/components/AdminSettings.vue, lib/Service/OpenAiAPIService.php'],
  },
  client: { ...plainHttp, timeoutSeconds: 240 },
};
