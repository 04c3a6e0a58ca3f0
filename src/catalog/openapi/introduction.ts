import { originMark } from './samples.js';

/** What a reader is told first, in Markdown. */
export const introduction = `A company's agents behind the API that every OpenAI client speaks.

# First call

The base URL of every OpenAI client is \`${originMark}/api/tenant/v1\`, and the key is one of a tenant (\`gtak_…\`).

\`\`\`sh
curl ${originMark}/api/tenant/v1/chat/completions \\
  -H "Authorization: Bearer $GT_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"default","messages":[{"role":"user","content":"Hello"}]}'
\`\`\`

# Two planes

| plane | below | credential |
|---|---|---|
| tenant data plane | \`/api/tenant/v1\` | \`Authorization: Bearer gtak_…\`, a key of a tenant |
| admin plane | \`/api/admin/v1\` | \`Authorization: Bearer gtad_…\`, a token of a member or an operator |

Neither credential works on the other plane. The tenant comes from the key. \`/api/tenant\` and \`/api/tenant/v1/v1\` reach the same
routes as \`/api/tenant/v1\`, since some clients append \`/v1\` themselves.

# Verdicts

Routes marked native follow OpenAI's own contract. Those marked as an extension exist here only. The security of a route names
its scope: where it names several, one of them is enough.

# Models

\`model\` is a published name: an agent or a raw model. \`default\`, \`openclaw\`, \`openclaw/<name>\`, \`openclaw:<name>\` and
\`agent:<name>\` are further spellings of it.

# Errors

Every error has the form \`{"error":{"message","type","param","code"}}\`. Each route lists the codes that it answers. A provider's
400, 413 and 422 keep their status, with the provider's code. A wrong method gets 405 with \`Allow\`.

# Ids of requests

Every answer has \`x-gt-request-id\`. Give it to whoever runs the platform when you ask about a call.
`;
