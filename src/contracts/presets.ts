import { z } from 'zod';
import { keyLimits, limitsPatch } from './keys.js';
import { adminListQuery } from './lists.js';
import { slug } from './names.js';
import { purposes, scopes } from './scopes.js';

const presetName = z.string().trim().min(1).max(100);
const presetScopes = z.array(z.enum(scopes)).min(1).max(scopes.length);

/** For a conversation preset: the presets of the keys that its keys are meant to link. */
const presetLinks = z.strictObject({ inference: slug, upload: slug.nullish() });

/** `POST /presets`: a tenant's own preset. Slug and purpose never change, since keys name and rely on them. */
export const createPresetRequest = z.strictObject({
  tenant: z.string().optional(),
  slug,
  name: presetName,
  purpose: z.enum(purposes),
  scopes: presetScopes,
  limits: limitsPatch.default({}),
  links: presetLinks.nullable().default(null),
});

export type CreatePresetRequest = z.infer<typeof createPresetRequest>;

/** What may change of a preset. Keys of it follow at once: they never grant beyond it. */
export const updatePresetRequest = z.strictObject({
  tenant: z.string().optional(),
  name: presetName.optional(),
  scopes: presetScopes.optional(),
  limits: limitsPatch.optional(),
  links: presetLinks.nullable().optional(),
});

export type UpdatePresetRequest = z.infer<typeof updatePresetRequest>;

/** A preset as the admin plane shows it. The built-in ones have their slug as id and were never created. */
export const presetObject = z.object({
  object: z.literal('preset'),
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  purpose: z.enum(purposes),
  scopes: z.array(z.enum(scopes)),
  limits: keyLimits,
  links: z.object({ inference: z.string(), upload: z.string().nullable() }).nullable(),
  built_in: z.boolean(),
  created_at: z.number().int().nullable(),
  /** Only in replies to a creation or change, where something of it has no effect. */
  notices: z.array(z.string()).optional(),
});

export type PresetObject = z.infer<typeof presetObject>;

export const listPresetsQuery = adminListQuery.extend({
  slug: z.string().max(63).optional(),
  purpose: z.enum(purposes).optional(),
  built_in: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
});
