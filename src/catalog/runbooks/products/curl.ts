import { generalRoutes } from '../general-clients.js';
import { plainHttp } from '../habits.js';
import type { RunbookData } from '../runbook-row.js';

export const curl: RunbookData = {
  slug: 'curl',
  aliases: ['openai-sdk-curl'],
  name: 'curl',
  category: 'SDK and HTTP',
  compatibility: 'native',
  summary: 'Smoke test before any other runbook.',
  baseUrl: { rule: 'full', value: '{{origin}}/api/tenant/v1/models' },
  fields: [
    { where: 'URL', value: '{{origin}}/api/tenant/v1/…' },
    { where: 'Authorization header', value: 'Bearer {{api_key}}' },
  ],
  snippets: [
    {
      file: 'smoke.sh',
      language: 'bash',
      lines: [
        'export GT={{origin}}/api/tenant/v1 KEY={{api_key}}',
        'curl -sS -i $GT/models -H "Authorization: Bearer $KEY"',
        'curl -sS $GT/chat/completions -H "Authorization: Bearer $KEY" -H \'Content-Type: application/json\' -d \'{"model":"{{model}}","messages":[{"role":"user","content":"ping"}]}\'',
        'curl -N  $GT/chat/completions -H "Authorization: Bearer $KEY" -H \'Content-Type: application/json\' -d \'{"model":"{{model}}","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"ping"}]}\'',
      ],
    },
    {
      file: 'upload.sh',
      language: 'bash',
      lines: [
        'curl -sS $GT/datasets/DATASET_ID/files -H "Authorization: Bearer $KEY" -F file=@report.pdf',
        'curl -sS $GT/files/FILE_ID -H "Authorization: Bearer $KEY"',
      ],
    },
  ],
  routes: generalRoutes,
  streaming: 'supported',
  tools: 'optional',
  modelList: { use: 'optional' },
  preset: 'openai-chat-client',
  alternatives: [
    { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
    { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
    { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  ],
  pitfalls: ['-N is needed to see streaming.', 'Do not set Content-Type by hand with -F.'],
  docs: ['https://curl.se/docs/manpage.html'],
  evidence: { confidence: 'high' },
  client: { ...plainHttp, joins: 'as_is' },
};
