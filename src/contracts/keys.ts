import { z } from 'zod';
import { addressRange as readRange, normalAddress } from '../kernel/addresses.js';
import { adminListQuery, tenantQuery } from './lists.js';
import { endpointName, objectName, slug } from './names.js';
import { overlapSeconds } from './overlap.js';
import { purposes, scopes } from './scopes.js';
import { timeInSeconds } from './times.js';

/** Limits of a key; null or absent: none. They are stored now and enforced when the limits land. */
export const keyLimits = z.strictObject({
  requests_per_minute: z.number().int().min(0).nullable().default(null),
  tokens_per_minute: z.number().int().min(0).nullable().default(null),
  parallel_requests: z.number().int().min(0).nullable().default(null),
  uploads_per_day: z.number().int().min(0).nullable().default(null),
  stored_bytes: z.number().int().min(0).nullable().default(null),
});

export type KeyLimits = z.infer<typeof keyLimits>;

const limit = z.number().int().min(0).nullable().optional();

/** Limits as they are given: what is absent keeps its value or the preset's, null takes the limit away. */
export const limitsPatch = z.strictObject({
  requests_per_minute: limit,
  tokens_per_minute: limit,
  parallel_requests: limit,
  uploads_per_day: limit,
  stored_bytes: limit,
});

export type LimitsPatch = z.infer<typeof limitsPatch>;

/** A prompt policy (contract section 6): instructions on top of the agent's, and guardrails on the input. */
export const promptPolicy = z.strictObject({
  instructions: z.string().max(50_000).optional(),
  guardrails: z
    .array(
      z.discriminatedUnion('module', [
        z.strictObject({ module: z.literal('blocked_terms'), terms: z.array(z.string().min(1).max(200)).min(1).max(1000) }),
        z.strictObject({ module: z.literal('pii'), action: z.enum(['mask', 'block']) }),
        z.strictObject({ module: z.literal('moderation') }),
        z.strictObject({ module: z.literal('max_input_tokens'), tokens: z.number().int().min(1) }),
      ]),
    )
    .max(16)
    .optional(),
});

export type PromptPolicy = z.infer<typeof promptPolicy>;

/** An address alone: without a port, brackets or a zone, and in one of the usual forms. */
function isAddress(text: string): boolean {
  return !/[[\]%]|\.\d+:/.test(text) && normalAddress(text) !== undefined;
}

const addressRange = z
  .string()
  .refine(
    (text) => isAddress(text.split('/')[0] ?? '') && readRange(text) !== undefined,
    'must be an IP address or a CIDR range',
  );

/** Names that need not be published yet, or `*` for all, future ones too. */
const endpointAllowlist = z
  .array(z.string().refine((name) => name === '*' || endpointName.safeParse(name).success, 'must be "*" or a published name'))
  .max(1000);

const datasetAllowlist = z
  .array(
    z
      .string()
      .refine(
        (name) => name === '*' || /^ds_[0-9A-Za-z]{1,60}$/.test(name) || slug.safeParse(name).success,
        'must be "*", or the alias or id of a dataset',
      ),
  )
  .max(1000);

export const keepAliveStyles = ['comment', 'empty-chunk', 'off'] as const;

const expiry = timeInSeconds.nullable();

/** `POST /api/admin/v1/keys` (contract section 4). */
export const createKeyRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName,
  preset: slug.optional(),
  purpose: z.enum(purposes).optional(),
  scopes: z.array(z.enum(scopes)).min(1).optional(),
  agents: endpointAllowlist.default([]),
  raw_models: endpointAllowlist.default([]),
  datasets: datasetAllowlist.default([]),
  limits: limitsPatch.default({}),
  expires_at: expiry.default(null),
  allowed_ips: z.array(addressRange).max(256).default([]),
  links: z.strictObject({ inference: z.string().min(1), upload: z.string().min(1).nullish() }).optional(),
  prompt_policy: promptPolicy.nullable().default(null),
  keep_alive: z.enum(keepAliveStyles).default('comment'),
});

export type CreateKeyRequest = z.infer<typeof createKeyRequest>;

/** What may change on a key after its creation; the purpose and the preset may not. */
export const updateKeyRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName.optional(),
  scopes: z.array(z.enum(scopes)).min(1).optional(),
  agents: endpointAllowlist.optional(),
  raw_models: endpointAllowlist.optional(),
  datasets: datasetAllowlist.optional(),
  limits: limitsPatch.optional(),
  expires_at: expiry.optional(),
  allowed_ips: z.array(addressRange).max(256).optional(),
  links: z.strictObject({ inference: z.string().min(1), upload: z.string().min(1).nullish() }).optional(),
  prompt_policy: promptPolicy.nullable().optional(),
  keep_alive: z.enum(keepAliveStyles).optional(),
});

export type UpdateKeyRequest = z.infer<typeof updateKeyRequest>;

export const rotateKeyRequest = z.strictObject({
  tenant: z.string().optional(),
  overlap_seconds: overlapSeconds(0),
});

/** Body of disable, enable and revoke: nothing but the tenant, for operators. */
export const changeKeyStateRequest = z.strictObject({ tenant: z.string().optional() });

/** `POST /keys/{id}/explain`: a call that the key might make. The path is taken in every spelling of the base URL. */
export const explainKeyRequest = z.strictObject({
  tenant: z.string().optional(),
  method: z
    .string()
    .regex(/^[A-Za-z]{3,10}$/, 'must be a method of HTTP')
    .transform((method) => method.toUpperCase()),
  path: z.string().min(1).max(2048),
  model: z.string().min(1).max(256).optional(),
  dataset: z.string().min(1).max(128).optional(),
  ip: z.string().refine(isAddress, 'must be an IP address').optional(),
});

export const keyStates = ['active', 'disabled', 'revoked', 'expired'] as const;

export type KeyState = (typeof keyStates)[number];

const keyMembers = {
  object: z.literal('key'),
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  purpose: z.enum(purposes),
  preset: z.string().nullable(),
  scopes: z.array(z.enum(scopes)),
  effective_scopes: z.array(z.enum(scopes)),
  agents: z.array(z.string()),
  raw_models: z.array(z.string()),
  datasets: z.array(z.string()),
  limits: keyLimits,
};

const keyTimes = {
  expires_at: z.number().int().nullable(),
  keep_alive: z.enum(keepAliveStyles),
  state: z.enum(keyStates),
  last_four: z.string(),
  last_used_at: z.number().int().nullable(),
  created_at: z.number().int(),
};

/** A key as the admin plane shows it (contract section 4). */
export const keyObject = z.object({
  ...keyMembers,
  links: z.object({ inference: z.string().nullable(), upload: z.string().nullable() }).nullable(),
  allowed_ips: z.array(z.string()),
  ...keyTimes,
  /** Only when the key has one. */
  prompt_policy: promptPolicy.optional(),
  /** Only in replies to a creation or change, where something is worth knowing about it. */
  notices: z.array(z.string()).optional(),
});

export type KeyObject = z.infer<typeof keyObject>;

/** The reply to a creation or rotation: the only places where the secret is shown. */
export const keyWithSecretObject = keyObject.extend({ secret: z.string() });

/** A key as it sees itself: `GET /key` on the data plane. */
export const ownKeyObject = z.object({ ...keyMembers, ...keyTimes, routes: z.array(z.string()), models: z.array(z.string()) });

export type OwnKeyObject = z.infer<typeof ownKeyObject>;

/** What a key really used (contract section 4). */
export const keyExerciseObject = z.object({
  kind: z.string(),
  value: z.string(),
  calls: z.number().int(),
  first_at: z.number().int(),
  last_at: z.number().int(),
});

export type KeyExerciseObject = z.infer<typeof keyExerciseObject>;

/** The answer to `explain` (contract section 10). */
export const explanationObject = z.object({
  allowed: z.boolean(),
  status: z.number().int(),
  code: z.string().nullable(),
  steps: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })),
});

export const listKeysQuery = adminListQuery.extend({
  name: z.string().max(100).optional(),
  purpose: z.enum(purposes).optional(),
  preset: z.string().max(63).optional(),
  state: z.enum(keyStates).optional(),
});

/**
 * Query of a key's deletion, for a key that has conversations or files: `force` removes them, `transfer_to` gives them to
 * the key of this id or name.
 */
export const deleteKeyQuery = tenantQuery.extend({
  force: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
  transfer_to: z.string().min(1).max(128).optional(),
});

export type DeleteKeyQuery = z.infer<typeof deleteKeyQuery>;

/** What a key exercised is no paged list: it is bounded by what its tenant publishes. */
export const keyExerciseList = z.object({ object: z.literal('list'), data: z.array(keyExerciseObject) });
