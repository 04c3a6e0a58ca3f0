import { z } from 'zod';

/** The keys of GT_SECRET_KEYS, and those of which something is left. */
export const sealingKeysObject = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('sealing_key'),
        id: z.string(),
        state: z
          .enum(['sealing', 'opening', 'missing'])
          .describe(
            '`sealing`: it seals what is new. `opening`: it opens what it has sealed. `missing`: it has left GT_SECRET_KEYS.',
          ),
        secrets: z.number().int().describe('Secrets that it has sealed. A rotation seals them anew.'),
        passing: z
          .number()
          .int()
          .describe('Kept answers, held calls and the like that it has sealed. They go by themselves within days.'),
        removable: z.boolean().describe('Nothing needs it any more: it can be taken out of GT_SECRET_KEYS.'),
      }),
    ),
  })
  .meta({ id: 'SealingKeys', description: 'The keys that seal what is secret, the sealing one first.' });

export type SealingKeysObject = z.infer<typeof sealingKeysObject>;

/** One step of a rotation. */
export const rotatedSecrets = z
  .object({
    object: z.literal('sealing_keys.rotated'),
    resealed: z.number().int().describe('Secrets that were sealed anew.'),
    has_more: z.boolean().describe('Whether there may be more: ask again.'),
    unopened: z
      .array(z.object({ what: z.string(), tenant: z.string().describe("The tenant's id."), id: z.string() }))
      .describe('Secrets that do not open, at most 20 of them: their key has left GT_SECRET_KEYS. They must be given again.'),
  })
  .meta({ id: 'RotatedSecrets', description: 'What a step of a rotation has sealed anew.' });

export type RotatedSecrets = z.infer<typeof rotatedSecrets>;
