import { z } from 'zod';

/** What a key really used (contract section 4). */
export const keyExerciseObject = z
  .object({
    kind: z.string(),
    value: z.string(),
    calls: z.number().int(),
    first_at: z.number().int().describe('In Unix seconds.'),
    last_at: z.number().int().describe('In Unix seconds.'),
  })
  .describe('One thing that a key really used, and how often.');

export type KeyExerciseObject = z.infer<typeof keyExerciseObject>;

/** What a key exercised is no paged list: it is bounded by what its tenant publishes. */
export const keyExerciseList = z
  .object({ object: z.literal('list'), data: z.array(keyExerciseObject) })
  .describe('Everything that a key really used, on one page.');
