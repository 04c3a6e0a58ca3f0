import { z } from 'zod';

/** How a node of Harbor reaches the platform. The credential is no part of it: the node has it for itself. */
export const harborPort = z
  .object({
    kind: z.literal('http_api'),
    label: z.string(),
    description: z.string(),
    baseUrl: z.string().describe('The address that the paths of the actions are put behind; it ends with a slash.'),
    authMode: z.literal('header_token'),
    authHeaderName: z.string(),
    authTokenPrefix: z.string().describe('What stands before the key in the header, with a space between them.'),
    publisher: z.object({ slug: z.string(), name: z.string() }),
    category: z.string(),
    tags: z.array(z.string()),
  })
  .describe('The port that the actions belong to.');

/** One route as an action of Harbor. */
export const harborAction = z
  .object({
    slug: z.string().describe('The name of the action; it never changes.'),
    label: z.string(),
    description: z.string(),
    method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
    path: z.string().describe('Below the base URL. Names in braces stand for values of `input.path`.'),
    requestBodyMode: z.enum(['none', 'json']),
    resultMode: z.literal('json_summary'),
    resultSummary: z
      .array(z.enum(['status', 'type', 'bytes', 'sha256']))
      .optional()
      .describe('What to show of a result that is bytes and no JSON. Absent where the result is JSON.'),
    approvalMode: z
      .enum(['automatic', 'require_approval'])
      .describe('Reads are automatic; execution and change of state want an approval.'),
    input: z
      .record(z.string(), z.unknown())
      .describe('JSON schema of what the action is given: `path`, `query` and `body`, each where the route has it.'),
  })
  .describe('An action: one route.');

/** `GET /harbor/manifest`. */
export const harborManifest = z
  .object({
    object: z.literal('harbor.manifest'),
    version: z
      .number()
      .int()
      .min(1)
      .describe('Of the whole set of actions, not of one key: it rises when that changes materially.'),
    port: harborPort,
    actions: z.array(harborAction).describe('What the key may do.'),
    leftOut: z
      .array(z.object({ method: z.string(), path: z.string(), label: z.string(), reason: z.string() }))
      .describe('Routes that the key may call and that are no action, each with the reason.'),
  })
  .describe('What a node of Harbor may do with the key.');

export type HarborPort = z.infer<typeof harborPort>;
export type HarborAction = z.infer<typeof harborAction>;
export type HarborManifest = z.infer<typeof harborManifest>;
