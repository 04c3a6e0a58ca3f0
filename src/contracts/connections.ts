import { z } from 'zod';
import { objectName } from './names.js';

/** Control fields of other gateways: dropped from a body before it is sent on (contract section 6). */
export const defaultDroppedFields = [
  'models',
  'route',
  'provider',
  'fallbacks',
  'api_base',
  'base_url',
  'api_key',
  'extra_headers',
  'extra_body',
  'user_config',
  'custom_llm_provider',
] as const;

export const connectionWires = ['openai', 'chat', 'responses'] as const;

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a header');
const visible = /^[\x21-\x7e]+$/;

/** How a connection signs in at its provider. The token is taken in and never given out again. */
export const connectionAuth = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({
    mode: z.literal('header_token'),
    token: z.string().min(1).max(8192).regex(visible, 'must hold visible ASCII characters only').optional(),
    header: headerName.default('authorization'),
    prefix: z.string().max(32).regex(/^[\x21-\x7e]*$/).default('Bearer'),
  }),
]);

/** Paths of a provider that differ from OpenAI's, below its base URL. */
export const connectionPaths = z
  .strictObject({
    chat: z.string(),
    completions: z.string(),
    embeddings: z.string(),
    models: z.string(),
  })
  .partial()
  .refine((paths) => Object.values(paths).every((path) => /^\/[\x21-\x7e]*$/.test(path) && !path.includes('..')), 'must begin with "/"');

/** What of a connection stands in its `options` column. */
export const connectionOptions = z.strictObject({
  paths: connectionPaths.default({}),
  header: headerName.optional(),
  prefix: z.string().optional(),
  dropped_fields: z.array(z.string().min(1).max(64)).max(64).default([...defaultDroppedFields]),
});

export type ConnectionOptions = z.infer<typeof connectionOptions>;

export const createConnectionRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName,
  base_url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  wire: z.enum(connectionWires).default('openai'),
  auth: connectionAuth.default({ mode: 'none' }),
  paths: connectionPaths.optional(),
  dropped_fields: connectionOptions.shape.dropped_fields.unwrap().optional(),
});

export type CreateConnectionRequest = z.infer<typeof createConnectionRequest>;
