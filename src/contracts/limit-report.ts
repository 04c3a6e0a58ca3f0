import { z } from 'zod';
import { budgetState } from './budget-report.js';
import { keyLimits } from './key-limits.js';

/** Whose limit it is, as reports name it. */
export const limitOwners = ['key', 'linked_key', 'endpoint', 'tenant', 'ceiling'] as const;

const names = keyLimits.keyof();

/** A limit, with what is left of it. */
export const limitState = z
  .object({
    limit: names.describe('Which limit it is.'),
    of: z
      .enum(limitOwners)
      .describe(
        'Whose it is: of the key, of a key that it links, of an endpoint that it may call, of the tenant, or the ceiling that operators set the tenant.',
      ),
    name: z.string().describe('The name of the key or the endpoint, or the slug of the tenant.'),
    most: z.number().int().describe('What the limit allows.'),
    left: z.number().int().describe('What is left of it now.'),
    full_in_seconds: z
      .number()
      .nullable()
      .describe(
        'When all of it is free again if nothing is taken; of uploads in a day, when the next one is. Null: it does not fill by itself.',
      ),
  })
  .meta({ id: 'LimitState', description: 'A limit and what is left of it.' });

export type LimitStateObject = z.infer<typeof limitState>;

/** `GET /keys/{id}/limits`. */
export const limitReport = z
  .object({
    object: z.literal('list'),
    data: z.array(limitState),
    key: z.string().describe('The id of the key.'),
    budgets: z.array(budgetState).describe('The budgets that count its calls.'),
  })
  .meta({ id: 'LimitReport', description: 'All limits that the calls of a key count against, and all budgets that count them.' });
