import { z } from 'zod';
import { tenantQuery } from './lists.js';
import { adminUsageTotals } from './usage.js';

/** So many lines a statement has of its own; what is beyond them stands in lines without names. */
export const statementLines = 5_000;

/** `GET /statements`: one month of one tenant. */
export const statementQuery = tenantQuery
  .extend({
    month: z
      .string()
      .regex(/^20\d\d-(?:0[1-9]|1[0-2])$/, { error: 'must be a month like 2027-01' })
      .optional()
      .describe('The month in UTC, like 2027-01; by default the one that runs.'),
    format: z.enum(['json', 'csv']).default('json').describe('csv answers with the lines alone, as a file of a spreadsheet.'),
  })
  .describe('Which month a statement is of, and its form.');

const amount = z.number().int().min(0).nullable();
const name = z.string().nullable();

export const statementLine = z
  .object({
    key: name.describe('The id of the key; null in a line of what has no line of its own.'),
    key_name: name.describe('The name that the key has now; null when it is deleted.'),
    endpoint: name.describe('The published name that was called.'),
    connection: name.describe('The name of the connection; null where it is deleted, and of calls without a price.'),
    model: name.describe("The provider's own name of the model; null of calls without a price."),
    currency: name.describe('As ISO 4217 has it; null of calls without a price.'),
    calls: z.number().int().min(0),
    cost: amount.describe('What the provider takes, in micro-units of the currency.'),
    charge: amount.describe('What the tenant is charged, in micro-units of the currency.'),
  })
  .meta({ id: 'StatementLine', description: 'What calls of one key, name, model and currency add up to.' });

/** What a tenant used and is charged in a month. The lines add up to the totals. */
export const statementObject = z
  .object({
    object: z.literal('statement'),
    tenant: z.string().describe('The slug of the tenant.'),
    month: z.string(),
    since: z.number().int().describe('The first moment of the month, in Unix seconds.'),
    until: z.number().int().describe('The first moment after it, in Unix seconds.'),
    lines: z.array(statementLine).describe('The highest charge first.'),
    totals: adminUsageTotals,
  })
  .meta({ id: 'Statement', description: 'What a tenant used and is charged in a month.' });

export type StatementLine = z.infer<typeof statementLine>;
export type StatementObject = z.infer<typeof statementObject>;
