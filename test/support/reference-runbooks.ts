import type { RouteId } from '../../src/catalog/routes.js';
import { runbookRow, type RunbookRow } from '../../src/catalog/runbooks/runbook-row.js';

const routes: readonly RouteId[] = [
  'models.list',
  'chat.completions.create',
  'embeddings.create',
  'audio.transcriptions.create',
  'audio.speech.create',
  'images.generate',
  'conversations.files.create',
  'datasets.files.create',
  'files.get',
];

/**
 * What an earlier system's runbooks say of 23 products: the compatibility, the one preset that they recommend, and the verdict on
 * each of the routes above (`n` native, `e` GT extension, `-` not supported).
 */
const facts = [
  ['openai-sdk-curl', 'native', 'openai-chat-client', 'nnnnnneee'],
  ['generic-openai-http', 'native', 'openai-chat-client', 'nnnnnneee'],
  ['langchain', 'native', 'chat-plus-embeddings', 'nnn---eee'],
  ['llamaindex', 'native', 'chat-plus-embeddings', 'nnn---eee'],
  ['vercel-ai-sdk', 'ext', 'conversation-app', 'nnn---eee'],
  ['litellm', 'native', 'chat-plus-embeddings', 'nnn---eee'],
  ['crewai', 'ext', 'conversation-app', 'nn----eee'],
  ['semantic-kernel', 'ext', 'chat-plus-embeddings', 'nnn---eee'],
  ['langflow', 'guided', 'conversation-app', 'nn----eee'],
  ['flowise', 'guided', 'conversation-app', 'nn----eee'],
  ['dify', 'ext', 'chat-plus-embeddings', 'nnn---eee'],
  ['anythingllm', 'guided', 'chat-plus-embeddings', 'nnn------'],
  ['n8n', 'ext', 'dataset-upload', 'nnn---eee'],
  ['lovable', 'ext', 'conversation-app', 'nnn---eee'],
  ['open-webui', 'guided', 'openai-chat-client', 'nnn------'],
  ['librechat', 'guided', 'openai-chat-client', 'nnn------'],
  ['continue', 'guided', 'agentic-ide', 'nn-------'],
  ['cursor', 'guided', 'agentic-ide', 'nn-------'],
  ['cline-roo', 'guided', 'agentic-ide', 'nn-------'],
  ['aider', 'guided', 'agentic-ide', 'nn-------'],
  ['manus', 'guided', 'agentic-ide', 'nn-------'],
  ['openclaw', 'guided', 'agentic-ide', 'nn----eee'],
  ['hermes', 'native', 'agentic-ide', 'nn----eee'],
] as const;

/** These products as rows, with no other preset named beside the one. */
export const referenceRunbooks: readonly RunbookRow[] = facts.map(([slug, compatibility, preset, verdicts]) =>
  runbookRow.parse({
    slug,
    name: slug,
    category: 'SDK and HTTP',
    compatibility,
    summary: 'A product.',
    baseUrl: { rule: 'v1', value: '{{origin}}/api/tenant/v1' },
    fields: [{ where: 'Base URL, with the key', value: '{{origin}}/api/tenant/v1 {{api_key}}' }],
    routes: routes.flatMap((route, place) =>
      verdicts[place] === '-'
        ? []
        : [
            {
              route,
              use: route === 'chat.completions.create' ? 'always' : 'optional',
              verdict: verdicts[place] === 'n' ? 'native' : 'gt_extension',
            },
          ],
    ),
    streaming: 'supported',
    tools: 'optional',
    modelList: { use: 'optional' },
    preset,
    docs: ['https://example.com/'],
    evidence: { confidence: 'low' },
    client: { joins: 'append' },
  }),
);
