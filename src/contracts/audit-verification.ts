import { z } from 'zod';

/** What may be wrong with a chain of the audit. */
export const auditFaults = ['changed', 'removed', 'inserted', 'cut', 'anchor_mismatch'] as const;

export type AuditFaultKind = (typeof auditFaults)[number];

/** So many faults are shown at most. */
export const shownAuditFaults = 100;

const count = z.number().int().min(0);
const hash = z.string().describe('In hexadecimal.');

const fault = z.object({
  seq: z.number().int().nullable().describe('The place in the chain; null: the row is not sealed.'),
  id: z.string().nullable().describe('The row; null where there is none.'),
  fault: z
    .enum(auditFaults)
    .describe(
      'changed: the row, or the one before it, is not what was sealed. removed: no row has this number. inserted: the row was not written when its time says. cut: the chain once reached to this number. anchor_mismatch: the chain has another hash here than was written down.',
    ),
});

/** What a look at all rows of a chain has found. */
export const auditVerificationObject = z
  .object({
    object: z.literal('audit.verification'),
    chain: z.string().describe("The tenant's id, or operators."),
    ok: z.boolean().describe('Whether there is no fault.'),
    rows: count.describe('How many rows there are.'),
    sealed: count.describe('How many of them stand in the chain.'),
    unsealed: count.describe('How many wait to be sealed: those of the last seconds.'),
    unsealed_since: z.number().int().nullable().describe('When the oldest of those was written, in Unix seconds.'),
    head: z
      .object({ seq: count, hash })
      .nullable()
      .describe('Where the chain ends. Write it down elsewhere, and you can tell later whether the chain still has it.'),
    anchors: count.describe('How many anchors in the object store the chain was held against.'),
    newest_anchor: z.object({ day: z.string().describe('In UTC, like 2027-01-31.'), seq: count, hash }).nullable(),
    faults: z.array(fault).describe(`At most ${shownAuditFaults} of them.`),
    fault_count: count.describe('How many faults there are.'),
  })
  .meta({ id: 'AuditVerification', description: 'Whether a chain of the audit is as it was sealed.' });

export type AuditVerificationObject = z.infer<typeof auditVerificationObject>;
