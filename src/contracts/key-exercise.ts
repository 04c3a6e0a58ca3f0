import { z } from 'zod';
import { tenantHint, tenantQuery } from './lists.js';
import { scopes } from './scopes.js';
import { dateText, lastSecond, timeForms, timeInSeconds } from './times.js';

const scopeList = z.array(z.enum(scopes));

/** What a key really used (contract section 4). */
const keyExerciseObject = z
  .object({
    kind: z.string().describe('route, endpoint, dataset, or scope: one that calls needed beyond what their routes say.'),
    value: z.string(),
    calls: z.number().int().describe('Since the key was made.'),
    first_at: z.number().int().describe('In Unix seconds.'),
    last_at: z.number().int().describe('In Unix seconds.'),
  })
  .describe('One thing that a key really used, and how often.');

/** A key that another one links, or is linked by. */
const namedKey = z.object({ key: z.string().describe('Its id.'), name: z.string() });

/** What a key exercised is no paged list: it is bounded by what its tenant publishes. */
export const keyExerciseReport = z
  .object({
    object: z.literal('list'),
    data: z.array(keyExerciseObject).describe('What was used at since or later.'),
    key: z.string().describe('The id of the key.'),
    since: z.number().int().nullable().describe('In Unix seconds; null: since the key was made.'),
    until: z.number().int().describe('When the report was made, in Unix seconds.'),
    scopes: z.object({
      granted: scopeList.describe('What the key may do now, through its links too.'),
      exercised: scopeList.describe('The fewest of them that its calls needed, and those of the keys that link it.'),
      unused: scopeList.describe('The others.'),
    }),
    narrowest: z
      .object({
        scopes: scopeList.describe("The key's own scopes that were needed: what narrowing leaves."),
        preset: z
          .string()
          .nullable()
          .describe('The narrowest preset that has them all and nothing that the key does not hold; null when there is none.'),
      })
      .nullable()
      .describe("Null when no scope of the key's own was needed."),
    links: z
      .array(namedKey.extend({ as: z.enum(['inference', 'upload']), unused: scopeList }))
      .describe('Of a conversation key: the keys that it links, each with what it grants and was not needed.'),
    linked_by: z.array(namedKey).describe('The keys that link this one. What their calls needed of it counts.'),
  })
  .describe('What a key may do and what it really used.');

export type KeyExerciseReportObject = z.infer<typeof keyExerciseReport>;

const period = `Only calls that were made then or later count: ${timeForms}. Absent: all since the key was made.`;

/** Query of `GET /keys/{id}/exercise`. */
export const keyExerciseQuery = tenantQuery
  .extend({
    since: z
      .union([z.coerce.number().int().min(0).max(lastSecond), dateText], { error: `must be ${timeForms}` })
      .optional()
      .describe(period),
  })
  .describe('Which calls of a key count.');

/** `POST /keys/{id}/narrow`. */
export const narrowKeyRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    since: timeInSeconds.optional().describe(period),
    dry_run: z.boolean().default(false).describe('Shows what would happen and changes nothing.'),
  })
  .describe('Takes from a key what its calls did not need.')
  .meta({ examples: [{ since: '2026-11-01', dry_run: true }] });

/** The answer to it. */
export const keyNarrowingObject = z
  .object({
    object: z.literal('key.narrowing'),
    key: z.string().describe('The id of the key.'),
    name: z.string(),
    changed: z.boolean().describe('False when there was nothing to take away; with dry_run, whether there is.'),
    dry_run: z.boolean(),
    since: z.number().int().nullable().describe('In Unix seconds; null: since the key was made.'),
    before: scopeList.describe("The key's own scopes as they were."),
    after: scopeList.describe('As they are now.'),
    removed: scopeList,
    preset: z.string().nullable().describe('The narrowest preset that a new key for the same calls could have.'),
  })
  .describe('What narrowing took from a key.');

export type KeyNarrowingObject = z.infer<typeof keyNarrowingObject>;
