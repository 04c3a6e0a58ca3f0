import { z } from 'zod';
import { keyStates, listKeysQuery } from './keys.js';
import { scopes } from './scopes.js';

export const keyFindings = ['unused', 'over_granted', 'expiring', 'expired'] as const;

export const keyReportQuery = listKeysQuery
  .extend({
    unused_days: z.coerce
      .number()
      .int()
      .min(1)
      .max(3_650)
      .default(30)
      .describe('A key is unused when it made no call for so many days, and is as old.'),
    expiring_days: z.coerce
      .number()
      .int()
      .min(0)
      .max(3_650)
      .default(14)
      .describe('A key is expiring when it ends within so many days.'),
  })
  .describe('Which keys are looked at, and how strictly.');

export type KeyReportQuery = z.infer<typeof keyReportQuery>;

const scopeList = z.array(z.enum(scopes));

/** What should be looked after at one key. */
export const keyReportObject = z
  .object({
    object: z.literal('key_report'),
    id: z.string().describe('The id of the key.'),
    name: z.string(),
    state: z.enum(keyStates),
    findings: z
      .array(z.enum(keyFindings))
      .describe(
        '`unused`: it made no call for long. `over_granted`: it holds scopes that none of its calls needed. `expiring`, `expired`: of its end. Empty: nothing.',
      ),
    unused_scopes: scopeList.describe('Scopes of its own that no call needed. For a key that was never used these are all.'),
    narrowest_preset: z
      .string()
      .nullable()
      .describe('The narrowest preset that has what its calls needed; null when there is none.'),
    last_used_at: z.number().int().nullable().describe('In Unix seconds; null: never.'),
    expires_at: z.number().int().nullable().describe('In Unix seconds; null: it does not end by itself.'),
    created_at: z.number().int().describe('In Unix seconds.'),
  })
  .meta({ id: 'KeyReport', description: 'What should be looked after at one key.' });

export type KeyReportObject = z.infer<typeof keyReportObject>;
