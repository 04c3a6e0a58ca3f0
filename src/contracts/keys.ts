import { z } from 'zod';
import { addressRange as readRange } from '../kernel/addresses.js';
import { isAddress } from './address-text.js';
import { budgetState } from './budget-report.js';
import { approvalSetting, approvalWords } from './approval-setting.js';
import { adminListQuery, tenantHint, tenantQuery } from './lists.js';
import { endpointName, isTunedName, objectName, slug } from './names.js';
import { overlapSeconds } from './overlap.js';
import { purposes, scopes } from './scopes.js';
import { createdAt, timeForms, timeInSeconds } from './times.js';
import { limitState } from './limit-report.js';
import { keyLimits, limitsPatch } from './key-limits.js';
import { givenPromptPolicy, promptPolicy } from './prompt-policy.js';

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

/** The same, with the names of fine-tuned models. */
const rawModelAllowlist = z
  .array(
    z
      .string()
      .refine(
        (name) => name === '*' || endpointName.safeParse(name).success || isTunedName(name),
        'must be "*" or a published name',
      ),
  )
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

const words = {
  scopes: 'What the key may do, within its preset; by default everything that the preset grants.',
  agents: 'Published names of agents that the key may use, or * for all.',
  raw_models: 'Published names of raw models that the key may use, or * for all.',
  datasets: 'Datasets that the key may use, by alias or id, or * for all.',
  limits: 'Absent limits are those of the preset; null takes a limit away.',
  expires_at: `When the key ends: ${timeForms}; null: never.`,
  allowed_ips: 'Addresses and CIDR ranges that the key may be used from; an empty list: from everywhere.',
  links: 'Of a conversation key: the keys that it uses, by name or id.',
  prompt_policy: 'Instructions and checks for all calls of the key; null: none.',
  keep_alive: 'How a stream is kept open while the provider is silent: with comments, empty chunks, or not at all.',
  websocket: 'Whether the key may open the WebSocket of Responses.',
  approval: approvalWords,
};

/** The keys that a conversation key uses. */
const linkedKeys = z.strictObject({
  inference: z.string().min(1).describe('The key for inference.'),
  upload: z.string().min(1).nullish().describe('The key for uploads; null: none.'),
});

/** `POST /api/admin/v1/keys` (contract section 4). */
export const createKeyRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: objectName.describe('The name, unique among its kind in the tenant.'),
    preset: slug.optional().describe('The preset, by its slug. Without it, purpose and scopes are given.'),
    purpose: z.enum(purposes).optional().describe("What the key is for; by default the preset's."),
    scopes: z.array(z.enum(scopes)).min(1).optional().describe(words.scopes),
    agents: endpointAllowlist.default([]).describe(words.agents),
    raw_models: rawModelAllowlist.default([]).describe(words.raw_models),
    datasets: datasetAllowlist.default([]).describe(words.datasets),
    limits: limitsPatch.default({}).describe(words.limits),
    expires_at: expiry.default(null).describe(words.expires_at),
    allowed_ips: z.array(addressRange).max(256).default([]).describe(words.allowed_ips),
    links: linkedKeys.optional().describe(words.links),
    prompt_policy: givenPromptPolicy.nullable().default(null).describe(words.prompt_policy),
    keep_alive: z.enum(keepAliveStyles).default('comment').describe(words.keep_alive),
    websocket: z.boolean().default(true).describe(words.websocket),
    approval: approvalSetting.default([]).describe(words.approval),
  })
  .describe('A key that is to be made.')
  .meta({ examples: [{ name: 'app', preset: 'openai-chat-client', agents: ['support'] }] });

export type CreateKeyRequest = z.infer<typeof createKeyRequest>;

/** What may change on a key after its creation; the purpose and the preset may not. */
export const updateKeyRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: objectName.optional().describe('The name, unique among its kind in the tenant.'),
    scopes: z.array(z.enum(scopes)).min(1).optional().describe(words.scopes),
    agents: endpointAllowlist.optional().describe(words.agents),
    raw_models: rawModelAllowlist.optional().describe(words.raw_models),
    datasets: datasetAllowlist.optional().describe(words.datasets),
    limits: limitsPatch.optional().describe(words.limits),
    expires_at: expiry.optional().describe(words.expires_at),
    allowed_ips: z.array(addressRange).max(256).optional().describe(words.allowed_ips),
    links: linkedKeys.optional().describe(words.links),
    prompt_policy: givenPromptPolicy.nullable().optional().describe(words.prompt_policy),
    keep_alive: z.enum(keepAliveStyles).optional().describe(words.keep_alive),
    websocket: z.boolean().optional().describe(words.websocket),
    approval: approvalSetting.optional().describe(words.approval),
  })
  .describe('What changes of a key. Absent fields stay as they are; purpose and preset never change.')
  .meta({ examples: [{ keep_alive: 'off' }] });

export type UpdateKeyRequest = z.infer<typeof updateKeyRequest>;

export const rotateKeyRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    overlap_seconds: overlapSeconds(0),
  })
  .describe('Gives a key a new secret.');

/** Body of disable, enable and revoke: nothing but the tenant, for operators. */
export const changeKeyStateRequest = z
  .strictObject({ tenant: z.string().optional().describe(tenantHint) })
  .describe('Changes the state of a key.');

export const keyStates = ['active', 'disabled', 'revoked', 'expired'] as const;

export type KeyState = (typeof keyStates)[number];

const keyMembers = {
  object: z.literal('key'),
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  purpose: z.enum(purposes),
  preset: z.string().nullable().describe('The slug of its preset; null when it has none.'),
  scopes: z.array(z.enum(scopes)),
  effective_scopes: z
    .array(z.enum(scopes))
    .describe('What the key may do now: its scopes, as far as the preset still grants them.'),
  agents: z.array(z.string()),
  raw_models: z.array(z.string()),
  datasets: z.array(z.string()),
  limits: keyLimits,
};

const keyTimes = {
  expires_at: z.number().int().nullable().describe('When it ends, in Unix seconds; null: never.'),
  keep_alive: z.enum(keepAliveStyles),
  websocket: z.boolean().describe(words.websocket),
  approval: z.array(z.string()).describe('Routes whose calls are held until they are approved, by id; * for all.'),
  state: z.enum(keyStates),
  last_four: z.string().describe('The last four characters of the secret.'),
  last_used_at: z.number().int().nullable().describe('When it was last used, in Unix seconds; null when never.'),
  created_at: createdAt,
};

/** A key as the admin plane shows it (contract section 4). */
export const keyObject = z
  .object({
    ...keyMembers,
    links: z
      .object({ inference: z.string().nullable(), upload: z.string().nullable() })
      .nullable()
      .describe('The ids of the keys that a conversation key uses; null for other keys.'),
    allowed_ips: z.array(z.string()),
    ...keyTimes,
    prompt_policy: promptPolicy.optional().describe('Only when the key has one.'),
    notices: z.array(z.string()).optional().describe('Only after a creation or change: what is worth knowing about it.'),
  })
  .meta({ id: 'Key', description: 'A key, without its secret.' });

export type KeyObject = z.infer<typeof keyObject>;

/** The reply to a creation or rotation: the only places where the secret is shown. */
export const keyWithSecretObject = keyObject
  .extend({ secret: z.string().describe('The key itself. It is shown this once.') })
  .meta({ id: 'KeyWithSecret', description: 'A key with its secret: after its creation and after a rotation.' });

/** A key as it sees itself: `GET /key` on the data plane. */
export const ownKeyObject = z
  .object({
    ...keyMembers,
    ...keyTimes,
    routes: z.array(z.string()),
    models: z.array(z.string()),
    held_routes: z
      .array(z.string())
      .describe(
        'Routes whose calls are held until they are approved, by what the key, the keys that it links and the tenant say.',
      ),
    limit_states: z.array(limitState).describe('What is left of the limits that its calls count against.'),
    budgets: z.array(budgetState).describe('What is left of its own budgets, and of those of keys that it links.'),
  })
  .describe('A key as it sees itself.');

export type OwnKeyObject = z.infer<typeof ownKeyObject>;

export const listKeysQuery = adminListQuery
  .extend({
    name: z.string().max(100).optional().describe('Only the key of this name.'),
    search: z.string().min(1).max(100).optional().describe('Only keys that have this text in their name, in any case.'),
    purpose: z.enum(purposes).optional().describe('Only keys of this purpose.'),
    preset: z.string().max(63).optional().describe('Only keys of the preset with this slug.'),
    state: z.enum(keyStates).optional().describe('Only keys in this state.'),
    last_four: z.string().max(4).optional().describe('Only keys whose secret ends with these characters.'),
  })
  .describe('Which keys a list shows.');

/**
 * Query of a key's deletion, for a key that has conversations or files: `force` removes them, `transfer_to` gives them to
 * the key of this id or name.
 */
export const deleteKeyQuery = tenantQuery
  .extend({
    force: z
      .stringbool({ truthy: ['true'], falsy: ['false'] })
      .optional()
      .describe('Removes the conversations and files of the key, too.'),
    transfer_to: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('Gives the conversations and files to this key, by its name or id.'),
  })
  .describe('What becomes of the conversations and files of a deleted key. Without either, such a key is not deleted.');

export type DeleteKeyQuery = z.infer<typeof deleteKeyQuery>;
