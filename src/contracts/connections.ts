import { z } from 'zod';
import { connectionHabits, givenHabits } from './connection-habits.js';
import { connectionHealth, connectionLimits, givenLimits } from './connection-limits.js';
import { givenFineTuning, givenPublishing } from './connection-tuning.js';
import { connectionCa, connectionProxy, shownProxy } from './connection-way.js';
import { oauthAuth, shownOauth } from './connection-logins.js';
import { connectionPaths } from './connection-paths.js';
import { headerName, tokenPrefix, visible } from './header-fields.js';
import { createdAt } from './times.js';
import { adminListQuery, tenantHint } from './lists.js';
import { objectName } from './names.js';
import { withProvider } from './provider-settings.js';
import { providerIds } from './providers.js';
import { changedHeaders, newHeaders, shownHeaders } from './static-headers.js';
import { connectionWires } from './wires.js';

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

/** So many tokens a connection may have besides the first. */
const mostFurtherTokens = 15;

const providerToken = z.string().min(1).max(8192).regex(visible, 'must hold visible ASCII characters only');

/**
 * How a connection signs in at its provider. The token is taken in and never given out again. In an update, what is
 * left out stays as it is.
 */
export const connectionAuth = z
  .discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('none').describe('The provider asks for no credential.') }),
    z.strictObject({
      mode: z.literal('header_token').describe('A token in a header.'),
      token: providerToken
        .optional()
        .describe("The provider's key. It is never shown again; in an update, absent keeps the stored one."),
      further_tokens: z
        .array(providerToken)
        .max(mostFurtherTokens)
        .refine((tokens) => new Set(tokens).size === tokens.length, 'holds one token twice')
        .nullish()
        .describe(
          'Further keys of the provider, which calls take in turn with the first. They are never shown again; in an update, absent keeps the stored ones, null or an empty list removes them.',
        ),
      header: headerName
        .optional()
        .describe("The header that carries the token; by default the one of the wire, authorization for OpenAI's own."),
      prefix: tokenPrefix
        .optional()
        .describe('What stands before the token in the header; by default Bearer, and nothing in the headers of other wires.'),
    }),
    oauthAuth,
  ])
  .describe('How the connection signs in at its provider. In an update, what is left out stays as it is.');

export type ConnectionAuth = z.infer<typeof connectionAuth>;

const apiVersion = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a version, like 2024-10-21');

const givenVersion = apiVersion
  .nullable()
  .describe(
    "The version of Azure's API, sent as api-version with every call of the wire azure; null: none. " +
      'It is needed unless base_url ends with /v1.',
  );

/** What of a connection stands in its `options` column. */
export const connectionOptions = z.strictObject({
  paths: connectionPaths.default({}),
  header: headerName.optional(),
  prefix: z.string().optional(),
  api_version: apiVersion.optional(),
  dropped_fields: z
    .array(z.string().min(1).max(64))
    .max(64)
    .describe(
      'Fields that are dropped from a body before it goes to the provider; by default the control fields of other gateways.',
    )
    .default([...defaultDroppedFields]),
});

export type ConnectionOptions = z.infer<typeof connectionOptions>;

const baseUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2048);

/** How many texts go to an embedding model in one call. */
export const embeddingBatchSize = z
  .number()
  .int()
  .min(1)
  .max(2048)
  .nullable()
  .describe("The most texts that one embedding call may hold; null: the limit is learned from the provider's refusals.");

/** What a provider's refusals taught of its limit. It is shown, never given. */
const embeddingBatchLearned = z
  .object({
    size: z.number().int().describe('The most texts that the provider was found to take in one embedding call.'),
    model: z.string().describe('The embedding model whose calls were refused.'),
    message: z
      .string()
      .nullable()
      .describe("The provider's sentence with which it refused more, without hosts and secrets; null when it gave none."),
    learned_at: z.number().int().describe('When it was learned last, in Unix seconds.'),
  })
  .nullable()
  .describe(
    "What the provider's refusals taught of its limit, most lately; null: nothing. " +
      'Setting embedding_batch_size or another address clears it.',
  );

const words = {
  base_url: "The address of the provider's API, usually with /v1 at its end.",
  wire: 'What the provider speaks: openai for all of its API, chat or responses for one of the two, azure for Azure OpenAI, anthropic for Messages, gemini for generateContent; sdk:bedrock, sdk:vertex, sdk:cohere and sdk:mistral through packages of the AI SDK.',
};

/** Settings that a request for a new connection and one for a change of it have alike. */
const optionalSettings = {
  auth: connectionAuth.optional(),
  paths: connectionPaths.optional(),
  api_version: givenVersion.optional(),
  dropped_fields: connectionOptions.shape.dropped_fields.unwrap().optional(),
  habits: givenHabits.optional(),
  limits: givenLimits.optional(),
  embedding_batch_size: embeddingBatchSize.optional(),
  proxy: connectionProxy.nullable().optional(),
  ca: connectionCa.optional(),
  fine_tuning: givenFineTuning.optional(),
  publish_fine_tuned: givenPublishing.optional(),
};

/** What can be said of a new connection. */
export const givenConnection = z.strictObject({
  tenant: z.string().optional().describe(tenantHint),
  provider: z
    .enum(providerIds)
    .optional()
    .describe('A known provider (docs/providers.md): its settings are taken where none are given here.'),
  name: objectName.optional().describe("The name, unique among its kind in the tenant; by default the provider's."),
  base_url: baseUrl.optional().describe(`${words.base_url} Required where no provider gives it.`),
  wire: z.enum(connectionWires).optional().describe(`${words.wire} By default the provider's, else openai.`),
  ...optionalSettings,
  headers: newHeaders.optional(),
});

export const createConnectionRequest = givenConnection
  .transform(withProvider)
  .describe('A connection to a provider that is to be made.')
  .meta({
    examples: [
      { name: 'main', base_url: 'https://api.example.com/v1', auth: { mode: 'header_token', token: 'sk-...' } },
      { provider: 'groq', auth: { mode: 'header_token', token: 'gsk-...' } },
    ],
  });

export type CreateConnectionRequest = z.infer<typeof createConnectionRequest>;

export const updateConnectionRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: objectName.describe('The name, unique among its kind in the tenant.').optional(),
    base_url: baseUrl.describe(words.base_url).optional(),
    wire: z.enum(connectionWires).describe(words.wire).optional(),
    ...optionalSettings,
    headers: changedHeaders.optional(),
  })
  .describe('What changes in a connection. Absent fields stay as they are.')
  .meta({ examples: [{ wire: 'chat' }] });

export type UpdateConnectionRequest = z.infer<typeof updateConnectionRequest>;

export const listConnectionsQuery = adminListQuery
  .extend({
    name: z.string().max(100).optional().describe('Only the connection of this name.'),
    wire: z.enum(connectionWires).optional().describe('Only connections that speak this.'),
  })
  .describe('Which connections a list shows.');

export type ListConnectionsQuery = z.infer<typeof listConnectionsQuery>;

/** A connection as it is shown: of its secret only whether there is one. */
export const connectionObject = z
  .object({
    object: z.literal('connection'),
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    base_url: z.string(),
    wire: z.enum(connectionWires),
    auth: z.union([
      z.object({ mode: z.literal('none') }),
      z.object({
        mode: z.literal('header_token'),
        header: z.string(),
        prefix: z.string(),
        secret_set: z.boolean().describe('Whether a token is stored.'),
        tokens: z.number().int().describe('How many tokens are stored.'),
      }),
      shownOauth,
    ]),
    paths: connectionPaths,
    api_version: givenVersion,
    dropped_fields: z.array(z.string()),
    habits: connectionHabits,
    limits: connectionLimits,
    health: connectionHealth,
    headers: shownHeaders,
    embedding_batch_size: embeddingBatchSize,
    embedding_batch_learned: embeddingBatchLearned,
    proxy: shownProxy,
    ca: z.string().nullable().describe("Certificates (PEM) that its calls trust beside the platform's own; null: none."),
    fine_tuning: givenFineTuning,
    publish_fine_tuned: givenPublishing,
    created_at: createdAt,
  })
  .meta({ id: 'Connection', description: 'A connection to a provider, without its secret.' });

export type ConnectionObject = z.infer<typeof connectionObject>;

/** What a try of a connection found out. Holds no text, host or secret of the provider. */
export const connectionTestObject = z
  .object({
    object: z.literal('connection_test'),
    ok: z.boolean(),
    status: z.number().int().nullable().describe("The provider's HTTP status; null when there was no answer."),
    latency_ms: z.number().int().describe('How long the try took, in milliseconds.'),
    error: z.object({ code: z.string(), message: z.string() }).nullable().describe('Why the try failed; null when it did not.'),
    notices: z.array(z.string()).describe('What will soon need attention: a login that ends.'),
  })
  .describe('What a try of a connection found out. It holds no text, host or secret of the provider.');

export type ConnectionTestObject = z.infer<typeof connectionTestObject>;

export const providerModelObject = z
  .object({ object: z.literal('provider_model'), id: z.string() })
  .describe('A model that a provider names.');

export type ProviderModelObject = z.infer<typeof providerModelObject>;
