import { z } from 'zod';
import { adminListQuery } from './lists.js';
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

/** Headers that carry the message itself; a token in one of them would break the request. */
const messageHeaders = [
  'host',
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'keep-alive',
];

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a header')
  .refine((name) => !messageHeaders.includes(name.toLowerCase()), 'is a header of the message itself');
const visible = /^[\x21-\x7e]+$/;

const providerToken = z.string().min(1).max(8192).regex(visible, 'must hold visible ASCII characters only');
const tokenPrefix = z
  .string()
  .max(32)
  .regex(/^[\x21-\x7e]*$/, 'must hold visible ASCII characters only');

/**
 * How a connection signs in at its provider. The token is taken in and never given out again. In an update, what is
 * left out stays as it is.
 */
export const connectionAuth = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({
    mode: z.literal('header_token'),
    token: providerToken.optional(),
    header: headerName.optional(),
    prefix: tokenPrefix.optional(),
  }),
  z.looseObject({ mode: z.literal('oauth') }),
]);

export type ConnectionAuth = z.infer<typeof connectionAuth>;

export const defaultAuthHeader = 'authorization';
export const defaultAuthPrefix = 'Bearer';

/** Paths of a provider that differ from OpenAI's, below its base URL. */
export const connectionPaths = z
  .strictObject({
    chat: z.string(),
    completions: z.string(),
    embeddings: z.string(),
    models: z.string(),
  })
  .partial()
  .refine(
    (paths) => Object.values(paths).every((path) => /^\/[\x21-\x7e]*$/.test(path) && !path.includes('..')),
    'must begin with "/"',
  );

/** What of a connection stands in its `options` column. */
export const connectionOptions = z.strictObject({
  paths: connectionPaths.default({}),
  header: headerName.optional(),
  prefix: z.string().optional(),
  dropped_fields: z
    .array(z.string().min(1).max(64))
    .max(64)
    .default([...defaultDroppedFields]),
});

export type ConnectionOptions = z.infer<typeof connectionOptions>;

const baseUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2048);

export const createConnectionRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName,
  base_url: baseUrl,
  wire: z.enum(connectionWires).default('openai'),
  auth: connectionAuth.default({ mode: 'none' }),
  paths: connectionPaths.optional(),
  dropped_fields: connectionOptions.shape.dropped_fields.unwrap().optional(),
});

export type CreateConnectionRequest = z.infer<typeof createConnectionRequest>;

export const updateConnectionRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName.optional(),
  base_url: baseUrl.optional(),
  wire: z.enum(connectionWires).optional(),
  auth: connectionAuth.optional(),
  paths: connectionPaths.optional(),
  dropped_fields: connectionOptions.shape.dropped_fields.unwrap().optional(),
});

export type UpdateConnectionRequest = z.infer<typeof updateConnectionRequest>;

export const listConnectionsQuery = adminListQuery.extend({
  name: z.string().max(100).optional(),
  wire: z.enum(connectionWires).optional(),
});

export type ListConnectionsQuery = z.infer<typeof listConnectionsQuery>;

/** A connection as it is shown: of its secret only whether there is one. */
export const connectionObject = z.object({
  object: z.literal('connection'),
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  base_url: z.string(),
  wire: z.enum(connectionWires),
  auth: z.union([
    z.object({ mode: z.literal('none') }),
    z.object({ mode: z.literal('header_token'), header: z.string(), prefix: z.string(), secret_set: z.boolean() }),
  ]),
  paths: connectionPaths,
  dropped_fields: z.array(z.string()),
  created_at: z.number().int(),
});

export type ConnectionObject = z.infer<typeof connectionObject>;

/** What a try of a connection found out. Holds no text, host or secret of the provider. */
export const connectionTestObject = z.object({
  object: z.literal('connection_test'),
  ok: z.boolean(),
  /** The provider's HTTP status; null when there was no answer. */
  status: z.number().int().nullable(),
  latency_ms: z.number().int(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type ConnectionTestObject = z.infer<typeof connectionTestObject>;

export const providerModelObject = z.object({ object: z.literal('provider_model'), id: z.string() });

export type ProviderModelObject = z.infer<typeof providerModelObject>;
