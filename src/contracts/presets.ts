import { z } from 'zod';
import { keyLimits, limitsPatch } from './key-limits.js';
import { adminListQuery, tenantHint } from './lists.js';
import { slug } from './names.js';
import { purposes, scopes } from './scopes.js';

const presetName = z.string().trim().min(1).max(100).describe('A name for people.');
const presetScopes = z.array(z.enum(scopes)).min(1).max(scopes.length).describe('What keys of the preset may do at most.');

/** For a conversation preset: the presets of the keys that its keys are meant to link. */
const presetLinks = z.strictObject({
  inference: slug.describe('The preset of the inference key.'),
  upload: slug.nullish().describe('The preset of the upload key; null: none.'),
});

const linksHint = 'Of a conversation preset: the presets of the keys that its keys link; null: none.';

/** `POST /presets`: a tenant's own preset. Slug and purpose never change, since keys name and rely on them. */
export const createPresetRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    slug: slug.describe('The short name, unique in the tenant. It never changes.'),
    name: presetName,
    purpose: z.enum(purposes).describe('What keys of the preset are for. It never changes.'),
    scopes: presetScopes,
    limits: limitsPatch.describe('Limits of keys that set none of their own.').default({}),
    links: presetLinks.nullable().default(null).describe(linksHint),
  })
  .describe('A preset of the tenant that is to be made.')
  .meta({ examples: [{ slug: 'chat-only', name: 'Chat only', purpose: 'inference', scopes: ['inference:chat'] }] });

export type CreatePresetRequest = z.infer<typeof createPresetRequest>;

/** What may change of a preset. Keys of it follow at once: they never grant beyond it. */
export const updatePresetRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: presetName.optional(),
    scopes: presetScopes.optional(),
    limits: limitsPatch.describe('Limits of keys that set none of their own.').optional(),
    links: presetLinks.nullable().optional().describe(linksHint),
  })
  .describe('What changes in a preset. Its keys follow at once: they never do more than it grants.')
  .meta({ examples: [{ name: 'Chat and nothing else' }] });

export type UpdatePresetRequest = z.infer<typeof updatePresetRequest>;

/** A preset as the admin plane shows it. The built-in ones have their slug as id and were never created. */
export const presetObject = z
  .object({
    object: z.literal('preset'),
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    purpose: z.enum(purposes),
    scopes: z.array(z.enum(scopes)),
    limits: keyLimits,
    links: z.object({ inference: z.string(), upload: z.string().nullable() }).nullable(),
    built_in: z.boolean(),
    created_at: z.number().int().nullable().describe('When it was created, in Unix seconds; null for a built-in one.'),
    notices: z.array(z.string()).optional().describe('Only after a creation or change: what of it has no effect.'),
  })
  .meta({
    id: 'Preset',
    description: 'A preset: what keys that are made by it may do at most. The built-in ones have their slug as id.',
  });

export type PresetObject = z.infer<typeof presetObject>;

export const listPresetsQuery = adminListQuery
  .extend({
    slug: z.string().max(63).optional().describe('Only the preset of this slug.'),
    purpose: z.enum(purposes).optional().describe('Only presets of this purpose.'),
    built_in: z
      .stringbool({ truthy: ['true'], falsy: ['false'] })
      .optional()
      .describe("Only the built-in ones, or only the tenant's own."),
  })
  .describe('Which presets a list shows.');
