import { z } from 'zod';
import { idPrefixes } from '../kernel/ids.js';
import { adminListQuery, tenantHint } from './lists.js';
import { createdAt, queryTime, timeForms } from './times.js';

/** What became of what a budget held for a call: it was reserved, taken, or given back. */
export const ledgerKinds = ['reserve', 'settle', 'release'] as const;

export type LedgerKind = (typeof ledgerKinds)[number];

/** What a check finds: docs/budgets.md says each. */
export const ledgerFaults = ['unbalanced', 'unrecorded', 'amount', 'tokens', 'assumed', 'period', 'slice'] as const;

/** An id has one form: what has another is a slip, and no deleted budget. */
const slip = (name: string, prefix: string, command: string) => ({
  error: `must be the id of a ${name}, which begins with ${prefix}: "${command}" shows it`,
});
const budgetId = z
  .string()
  .max(128)
  .startsWith(idPrefixes.budget, slip('budget', idPrefixes.budget, 'gt budget list'))
  .optional();

export const listLedgerQuery = adminListQuery
  .extend({
    call: z
      .string()
      .max(128)
      .startsWith(idPrefixes.usage, slip('call', idPrefixes.usage, 'gt usage list'))
      .optional()
      .describe('Only entries of the call with this id, which is that of its usage record.'),
    budget: budgetId.describe('Only entries of the budget with this id, which may be deleted.'),
    kind: z.enum(ledgerKinds).optional().describe('Only entries of this kind.'),
    since: queryTime.describe(`Only entries of calls that began then or later: ${timeForms}.`),
    until: queryTime.describe(`Only entries of calls that began before: ${timeForms}.`),
  })
  .describe('Which entries of the ledger a list shows, those of the newest calls first.');

export type ListLedgerQuery = z.infer<typeof listLedgerQuery>;

export const checkLedgerQuery = z
  .strictObject({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    budget: budgetId.describe('Only periods of the budget with this id, which may be deleted.'),
    since: queryTime.describe(`Only periods that began then or later: ${timeForms}.`),
    until: queryTime.describe(`Only periods that began before: ${timeForms}.`),
  })
  .describe('Which periods of budgets are checked; without any, all of the tenant.');

export type CheckLedgerQuery = z.infer<typeof checkLedgerQuery>;

const whole = z.number().int();
const count = whole.min(0);
const unit = z.string().nullable().describe('Null: tokens.');
const startsAt = whole.describe('The first moment of the period, in Unix seconds.');

export const ledgerEntryObject = z
  .object({
    object: z.literal('ledger_entry'),
    id: z.string(),
    call: z.string().describe('The id of the call, which is that of its usage record.'),
    budget: z.string().describe('The id of the budget, which may be deleted.'),
    starts_at: startsAt,
    kind: z.enum(ledgerKinds),
    part: count.describe(
      '1: the process of the call died, and its reservation was given back; 2 undoes that, since its end came.',
    ),
    amount: whole.describe('Micro-units of the currency, or tokens. A release below 0: the call took more than was reserved.'),
    currency: unit,
    tokens: count.describe('Of a settlement: the tokens of the call, whatever the budget counts.'),
    assumed: z.boolean().describe('No price says what the call took, so that its reservation counts.'),
    created_at: createdAt.describe('When the call began, in Unix seconds.'),
  })
  .meta({ id: 'LedgerEntry', description: 'What became of what a budget held for a call. Entries are never changed.' });

export type LedgerEntryObject = z.infer<typeof ledgerEntryObject>;

const sums = {
  reserved: count.describe('What was reserved for calls that are over.'),
  settled: count.describe('What those took.'),
  released: whole.describe('What of it was given back. Reserved is settled and released.'),
  open: count.describe('What processes hold for calls that run, or ahead, or have not written into the ledger yet.'),
  assumed: count.describe('What processes held that are gone, and of which nobody knows what became: it counts as spent.'),
  spent: count.describe('Settled and assumed.'),
};

const checkedPeriod = z.object({
  budget: z.string(),
  deleted: z.boolean().describe('The budget is gone with its counts; its entries are still held against the calls.'),
  starts_at: startsAt,
  ends_at: whole.nullable().describe('The first moment after it; null: it has no end, or is gone.'),
  currency: unit,
  amount: count.nullable().describe('What the budget has for a period now; null: it is gone.'),
  ...sums,
  beyond: count.describe('What calls took beyond what was reserved for them.'),
  overdrawn: count.describe('How much more is spent and open than the amount now is. No fault: an amount may have been lowered.'),
});

const fault = z.object({
  what: z.enum(ledgerFaults),
  budget: z.string(),
  starts_at: startsAt,
  call: z.string().nullable().describe('The call that it is about; null: a sum of a period.'),
  slice: z.string().nullable().describe('The slice that it is about; null: another fault.'),
  expected: whole.nullable(),
  found: whole.nullable(),
});

export type LedgerFault = z.infer<typeof fault>;

/** So many periods and faults are shown at most. */
export const shownPeriods = 1_000;
export const shownFaults = 100;

export const ledgerCheckObject = z
  .object({
    object: z.literal('ledger_check'),
    ok: z.boolean().describe('Whether there is no fault.'),
    tenant: z.string(),
    calls: count.describe('How many calls were held against their usage records.'),
    entries: count,
    totals: z.array(z.object({ currency: unit, ...sums })).describe('The sums of all periods, by what is counted.'),
    budgets: z.array(checkedPeriod).describe(`The periods, the newest first, at most ${shownPeriods}.`),
    period_count: count.describe('How many periods there are.'),
    faults: z.array(fault).describe(`At most ${shownFaults} of them.`),
    fault_count: count.describe('How many faults there are.'),
  })
  .meta({ id: 'LedgerCheck', description: 'Whether reservations, what was taken and usage records agree, at one moment.' });

export type LedgerCheckObject = z.infer<typeof ledgerCheckObject>;
