import { z } from 'zod';
import { adminListQuery, tenantHint } from './lists.js';
import { runbookVerification, stepOutcomes, verificationStep } from './runbook-verifications.js';
import { createdAt } from './times.js';

/** How far a run is. One that is `completed` went through all steps, whatever came of them; one that `failed` could not. */
export const runbookRunStatuses = ['queued', 'in_progress', 'completed', 'failed'] as const;

export type RunbookRunStatus = (typeof runbookRunStatuses)[number];

const slug = z.string().min(1).max(64);
/** What a published name, or the id or alias of a dataset, can be. */
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/, 'must be a published name, or the alias or id of a dataset');

/** `POST /runbooks/{id}/verify`. */
export const verifyRunbookRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    model: name.optional().describe("The published name to call; by default the tenant's default agent, or its first."),
    embed_model: name.optional().describe('The published name for embeddings; by default the first that embeds.'),
    dataset: name.optional().describe('The id or alias of the dataset to upload into; by default the first.'),
  })
  .describe('Has a runbook verified against this installation.')
  .meta({ examples: [{ model: 'support' }] });

export type VerifyRunbookRequest = z.infer<typeof verifyRunbookRequest>;

const at = (when: string) => z.number().int().nullable().describe(`${when}, in Unix seconds; null until then.`);

const members = {
  object: z.literal('runbook.run'),
  id: z.string(),
  runbook: z.string().describe('The slug of the product.'),
  status: z.enum(runbookRunStatuses),
  outcome: z
    .enum(stepOutcomes)
    .nullable()
    .describe('Of a completed run: pass when something was tried and nothing failed. Otherwise null.'),
  attempts: z.number().int().describe('How often it was begun. A run whose worker died is begun anew.'),
  model: z.string().nullable().describe('The published name that was asked for.'),
  embed_model: z.string().nullable().describe('The same for embeddings.'),
  dataset: z.string().nullable().describe('The dataset that was asked for.'),
  error: z.string().nullable().describe('Why a failed run failed. Otherwise null.'),
  created_at: createdAt,
  started_at: at('When it was begun first'),
  finished_at: at('When it had ended'),
};

/** A run in a list. */
export const runbookRunSummary = z.object(members).describe('A verification of a runbook by a worker.');

export type RunbookRunSummary = z.infer<typeof runbookRunSummary>;

/** A run with what was seen. */
export const runbookRunObject = z
  .object({
    ...members,
    steps: z.array(verificationStep).describe('The steps that are over.'),
    verification: runbookVerification.nullable().describe('What a completed run gave. Otherwise null.'),
  })
  .describe('A verification of a runbook by a worker, with the steps that are over.');

export type RunbookRunObject = z.infer<typeof runbookRunObject>;

/** Query of the list of runs. */
export const listRunbookRunsQuery = adminListQuery
  .extend({ runbook: slug.optional().describe('Only runs of this product.') })
  .describe('Which runs a list shows.');

export type ListRunbookRunsQuery = z.infer<typeof listRunbookRunsQuery>;
