import { z } from 'zod';
import { budgetObject } from './budgets.js';

const budgetMembers = budgetObject.shape;
const periodMembers = budgetMembers.period.shape;

/** A budget as reports of a key name it: whose it is, and how it stands in the period that is running. */
export const budgetState = z
  .object({
    id: budgetMembers.id,
    of: z
      .enum(['key', 'linked_key', 'endpoint', 'tenant'])
      .describe('Whose it is: of the key, of a key that it links, of an endpoint that it may call, or of the tenant.'),
    name: z.string().describe('The name of the key or the endpoint, or the slug of the tenant.'),
    window: budgetMembers.window,
    currency: budgetMembers.currency,
    amount: budgetMembers.amount,
    soft_percent: budgetMembers.soft_percent,
    hard: budgetMembers.hard,
    unpriced: budgetMembers.unpriced,
    spent: periodMembers.spent,
    reserved: periodMembers.reserved,
    left: periodMembers.left,
    ends_at: periodMembers.ends_at,
  })
  .meta({ id: 'BudgetState', description: 'A budget that counts the calls of a key, and what is left of it.' });

export type BudgetStateObject = z.infer<typeof budgetState>;
