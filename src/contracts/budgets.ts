import { z } from 'zod';
import { adminListQuery, tenantHint } from './lists.js';
import { endpointName } from './names.js';
import { currencyCode } from './prices.js';
import { createdAt } from './times.js';

/** For how long a budget's amount is, in the days, weeks from Monday and months of its tenant's time zone; total: for good. */
export const budgetWindows = ['day', 'week', 'month', 'total'] as const;

export type BudgetWindow = (typeof budgetWindows)[number];

export const budgetSubjects = ['tenant', 'key', 'endpoint'] as const;

/** What becomes of calls that no price in the currency of a budget covers. */
export const unpricedCalls = ['refuse', 'allow'] as const;

const key = z.string().min(1).max(128).describe('The key whose calls count, by its id or name.');
const endpoint = z.string().min(1).max(128).describe('The published name whose calls count, whoever makes them.');
const window = z
  .enum(budgetWindows)
  .describe("The time that the amount is for: a day, a week from Monday or a month in the tenant's time zone; total: for good.");
const currency = currencyCode
  .nullable()
  .describe('What is counted: charges in this currency, by ISO 4217; null: tokens of input and output.');
const amount = z
  .number()
  .int({ error: 'must be a whole number: micro-units of the currency (5000000 are 5 units), or tokens' })
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .describe('How much a period has: micro-units of the currency (1,000,000 are one unit), or tokens.');
const softPercent = z
  .number()
  .int()
  .min(1)
  .max(100)
  .nullable()
  .describe('At how many hundredths of the amount it is told that little is left; null: never.');
const hard = z.boolean().describe('Whether calls that it has nothing left for are refused. False: it only counts and tells.');
const unpriced = z
  .enum(unpricedCalls)
  .describe('What becomes of calls that no price in the currency covers. It has no meaning where tokens are counted.');

const givenBudget = z.strictObject({
  tenant: z.string().optional().describe(tenantHint),
  key: key.optional(),
  endpoint: endpoint.optional(),
  window,
  currency: currency.default('USD'),
  amount,
  soft_percent: softPercent.default(null),
  hard: hard.default(true),
  unpriced: unpriced.default('refuse'),
});

/** Whose calls count is said once. */
const hasOneSubject = (budget: { readonly key?: unknown; readonly endpoint?: unknown }): boolean =>
  budget.key === undefined || budget.endpoint === undefined;
const twoSubjects = {
  path: ['endpoint'],
  error: 'must not stand beside key: give one of them, or neither for all of the tenant',
};

/** `POST /budgets`. Whose calls count, the window and the currency never change. */
export const createBudgetRequest = givenBudget
  .refine(hasOneSubject, twoSubjects)
  .describe("What calls may take in a window of time: those of a key, those of a published name, or all of the tenant's.")
  .meta({ examples: [{ endpoint: 'assistant', window: 'month', currency: 'USD', amount: 50_000_000, soft_percent: 80 }] });

export type CreateBudgetRequest = z.infer<typeof createBudgetRequest>;

/** What may change of it. It holds for the period that is running, too. */
export const updateBudgetRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    amount: amount.optional(),
    soft_percent: softPercent.optional(),
    hard: hard.optional(),
    unpriced: unpriced.optional(),
  })
  .describe('What changes of a budget, in the period that is running too.')
  .meta({ examples: [{ amount: 80_000_000 }] });

export type UpdateBudgetRequest = z.infer<typeof updateBudgetRequest>;

/** A budget in a file: a key stands by its name, and no file has names of fine-tuned models. */
export const budgetEntry = givenBudget
  .omit({ tenant: true })
  .extend({
    key: key.describe('The key whose calls count, by its name.').optional(),
    endpoint: endpointName.describe('The published name whose calls count, whoever makes them.').optional(),
  })
  .refine(hasOneSubject, twoSubjects)
  .describe('A budget of the tenant, of one of its keys or of one of its published names.');

/** Whose calls a budget counts, in which window and what of them, in one line. A tenant has one budget of a name. */
export function budgetName(budget: {
  readonly key?: string | null | undefined;
  readonly endpoint?: string | null | undefined;
  readonly window: BudgetWindow;
  readonly currency: string | null;
}): string {
  const { key, endpoint, window, currency } = budget;
  const subject = key != null ? `key ${key}` : endpoint != null ? `endpoint ${endpoint}` : 'tenant';
  return `${subject} ${window} ${currency ?? 'tokens'}`;
}

const shownAmount = z.number().int().min(0);

export const budgetObject = z
  .object({
    object: z.literal('budget'),
    id: z.string(),
    subject: z.enum(budgetSubjects).describe('Whose calls count.'),
    key: z.string().nullable().describe('The id of the key; null for another subject.'),
    key_name: z.string().nullable().describe('The name that the key has now; null for another subject.'),
    endpoint: z.string().nullable().describe('The published name; null for another subject.'),
    window: z.enum(budgetWindows),
    currency: z.string().nullable().describe('Null: tokens are counted.'),
    amount: shownAmount.describe('How much a period has: micro-units of the currency, or tokens.'),
    soft_percent: z.number().int().nullable(),
    hard: z.boolean(),
    unpriced: z.enum(unpricedCalls),
    period: z
      .object({
        starts_at: z.number().int().describe('Its first moment, in Unix seconds.'),
        ends_at: z.number().int().nullable().describe('The first moment after it; null: it has no end.'),
        spent: shownAmount.describe('What calls that are over took, and what is assumed.'),
        assumed: shownAmount.describe('What of it a process held that is gone: it counts as spent until its calls are found.'),
        reserved: shownAmount.describe('What is kept for calls that are not over, or that processes hold ahead.'),
        left: shownAmount.describe('What is neither spent nor reserved.'),
        soft_reached: z.boolean().describe('Whether soft_percent of the amount are spent.'),
        used_up: z.boolean().describe('Whether the whole amount is spent.'),
      })
      .describe('How it stands in the period that is running.'),
    created_at: createdAt,
    notices: z.array(z.string()).optional().describe('Only after a creation or change: what of it has no effect.'),
  })
  .meta({ id: 'Budget', description: 'What calls may take in a window of time, and how much of it is left.' });

export type BudgetObject = z.infer<typeof budgetObject>;

export const listBudgetsQuery = adminListQuery
  .extend({
    subject: z.enum(budgetSubjects).optional().describe('Only budgets of this subject.'),
    key: key.optional().describe('Only budgets of the key with this id or name.'),
    endpoint: endpoint.optional().describe('Only budgets of this published name.'),
    window: z.enum(budgetWindows).optional().describe('Only budgets of this window.'),
  })
  .describe("Which of a tenant's budgets a list shows.");

export type ListBudgetsQuery = z.infer<typeof listBudgetsQuery>;
