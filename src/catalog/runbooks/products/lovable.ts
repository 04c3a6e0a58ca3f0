import { openaiNode } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const lovable: RunbookData = {
  slug: 'lovable',
  name: 'Lovable',
  category: 'Workflow and builders',
  compatibility: 'ext',
  summary: 'The server functions of a generated app call the platform; the model that builds the app stays its own.',
  baseUrl: {
    rule: 'v1',
    value: '{{origin}}/api/tenant/v1',
    why: 'The functions use the OpenAI SDK or fetch, which append the route alone.',
  },
  fields: [
    { where: 'Project > Secrets > GT_BASE_URL', value: '{{origin}}/api/tenant/v1' },
    { where: 'Project > Secrets > GT_API_KEY', value: '{{api_key}}' },
    { where: 'Project > Secrets > GT_MODEL', value: '{{model}}' },
  ],
  snippets: [
    {
      file: 'supabase/functions/chat/index.ts',
      language: 'ts',
      lines: [
        "const answer = await fetch(`${Deno.env.get('GT_BASE_URL')}/chat/completions`, {",
        "  method: 'POST',",
        "  headers: { authorization: `Bearer ${Deno.env.get('GT_API_KEY')}`, 'content-type': 'application/json' },",
        "  body: JSON.stringify({ model: Deno.env.get('GT_MODEL'), messages }),",
        '});',
      ],
    },
  ],
  routes: [
    { route: 'models.list', use: 'optional', verdict: 'native' },
    { route: 'chat.completions.create', use: 'always', verdict: 'native' },
    { route: 'embeddings.create', use: 'optional', verdict: 'native' },
    {
      route: 'conversations.create',
      use: 'optional',
      verdict: 'gt_extension',
      note: 'One conversation for each thread of the app.',
    },
    { route: 'conversations.items.list', use: 'optional', verdict: 'gt_extension', note: 'To show a thread again.' },
    {
      route: 'conversations.files.create',
      use: 'optional',
      verdict: 'gt_extension',
      note: 'A multipart form from the function.',
    },
    { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension', note: 'A multipart form from the function.' },
    { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
  ],
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'conversation-app',
  alternatives: [{ preset: 'openai-chat-client', when: 'The product only chats.' }],
  pitfalls: [
    'Ask for server functions: code in the browser would show the key to everyone.',
    'The platform must be reachable over public HTTPS.',
    "The key is a secret of the project, never a variable of the app's build.",
  ],
  notSupported: ['The model with which Lovable itself writes the app cannot be changed.'],
  docs: ['https://docs.lovable.dev/integrations/supabase'],
  evidence: { confidence: 'medium' },
  client: { ...openaiNode },
};
