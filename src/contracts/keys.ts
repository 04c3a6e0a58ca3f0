import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { objectName, slug } from './names.js';
import { purposes, scopes } from './scopes.js';

/** Limits of a key; null or absent: none. They are stored now and enforced when the limits land. */
export const keyLimits = z.strictObject({
  requests_per_minute: z.number().int().min(0).nullable().default(null),
  tokens_per_minute: z.number().int().min(0).nullable().default(null),
  parallel_requests: z.number().int().min(0).nullable().default(null),
  uploads_per_day: z.number().int().min(0).nullable().default(null),
  stored_bytes: z.number().int().min(0).nullable().default(null),
});

export type KeyLimits = z.infer<typeof keyLimits>;

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

const addressRange = z
  .string()
  .refine((text) => (text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text)), 'must be an IP address or a CIDR range');

const allowlist = z.array(z.string().min(1).max(128)).max(1000);

export const keepAliveStyles = ['comment', 'empty-chunk', 'off'] as const;

const expiry = z
  .union([z.number().int().positive(), z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000))])
  .nullable();

/** `POST /api/admin/v1/keys` (contract section 4). Times are in Unix seconds; an ISO date and time is taken too. */
export const createKeyRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName,
  preset: slug.optional(),
  purpose: z.enum(purposes).optional(),
  scopes: z.array(z.enum(scopes)).min(1).optional(),
  agents: allowlist.default([]),
  raw_models: allowlist.default([]),
  datasets: allowlist.default([]),
  limits: keyLimits.partial().optional(),
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
  agents: allowlist.optional(),
  raw_models: allowlist.optional(),
  datasets: allowlist.optional(),
  limits: keyLimits.partial().optional(),
  expires_at: expiry.optional(),
  allowed_ips: z.array(addressRange).max(256).optional(),
  links: z.strictObject({ inference: z.string().min(1), upload: z.string().min(1).nullish() }).optional(),
  prompt_policy: promptPolicy.nullable().optional(),
  keep_alive: z.enum(keepAliveStyles).optional(),
});

export const rotateKeyRequest = z.strictObject({
  /** How long the old secret lives on, in seconds. */
  overlap_seconds: z.number().int().min(0).max(30 * 86_400).default(0),
});

export const explainKeyRequest = z.strictObject({
  method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
  path: z.string().min(1).max(2048),
  model: z.string().max(256).optional(),
  dataset: z.string().max(128).optional(),
  ip: z.string().optional(),
});
