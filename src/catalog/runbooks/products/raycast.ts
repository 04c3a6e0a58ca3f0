import { chatting, plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const raycast: RunbookData = {
  slug: 'raycast',
  name: 'Raycast AI',
  category: 'Chat workspaces',
  compatibility: 'guided',
  summary: 'Custom provider in providers.yaml.',
  baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
  fields: [
    { where: 'Settings > AI > Custom Providers > Reveal Providers Config', value: 'providers.yaml' },
    { where: 'base_url', value: '{{origin}}/api/tenant/v1' },
    { where: 'api_keys', value: '{{api_key}}' },
    { where: 'models[].id', value: '{{model}}' },
  ],
  snippets: [
    {
      file: '~/.config/raycast/ai/providers.yaml',
      language: 'yaml',
      lines: [
        'providers:',
        '  - id: gt',
        '    name: GT',
        '    base_url: {{origin}}/api/tenant/v1',
        '    api_keys:',
        '      gt: {{api_key}}',
        '    models:',
        '      - id: {{model}}',
        '        name: {{model}}',
        '        provider: gt',
        '        context: 128000',
        '        abilities:',
        '          temperature: { supported: true }',
        '          system_message: { supported: true }',
        '          tools: { supported: true }',
      ],
    },
  ],
  routes: [{ route: 'chat.completions.create', use: 'always', verdict: 'native' }],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'never' },
  preset: 'openai-chat-client',
  pitfalls: [
    'Models are declared by hand.',
    'Field names follow the template shipped with the app: compare before use.',
    'Plain BYOK keys (not custom providers) are proxied by Raycast servers.',
  ],
  docs: ['https://manual.raycast.com/ai'],
  evidence: { confidence: 'medium', sources: ['cometapi.com/how-to-use-cometapi-in-raycast', 'r/raycastapp BYOK note'] },
  client: { ...plainHttp, ...chatting },
};
