import { z } from 'zod';
import { listQuery } from './lists.js';
import { createdAt } from './times.js';

export const erasureStates = ['running', 'done'] as const;

/** Erases a tenant for good. */
export const eraseTenantRequest = z
  .strictObject({
    confirm: z.string().min(1).max(128).describe('The slug of the tenant once more: what is erased cannot be brought back.'),
  })
  .describe('Erases a tenant for good.');

/** Query of the list of erasures. */
export const listErasuresQuery = listQuery.extend({
  state: z.enum(erasureStates).optional().describe('Only erasures in this state.'),
});

export type ListErasuresQuery = z.infer<typeof listErasuresQuery>;

const foundRows = z.object({
  table: z.string().describe('A table of the database.'),
  rows: z.number().int().describe('How many of its rows name the tenant: at most 1,000 are counted.'),
});

/** What a search for everything of a tenant has found. */
export const erasureProof = z.object({
  searched_at: z.number().int().describe('When, in seconds since 1970.'),
  tables: z.number().int().describe('How many tables were searched for the id of the tenant.'),
  rows: z.number().int().describe('How many rows are left.'),
  objects: z.number().int().describe('How many objects of the storage are left: contents of files, anchors of the audit.'),
  jobs: z.number().int().describe('How many jobs are left in the queues.'),
  left: z.array(foundRows).describe('Where rows are left.'),
  kept: z
    .array(foundRows.extend({ reason: z.string().describe('Why they stay, and for how long.') }))
    .describe('Rows that stay, and why.'),
  not_searched: z.array(z.string()).describe('Tables that the platform itself may not read. They hold nothing of tenants.'),
});

export type ErasureProof = z.infer<typeof erasureProof>;

/** An erasure as the admin plane shows it. */
export const erasureObject = z
  .object({
    object: z.literal('erasure'),
    id: z.string(),
    tenant: z.string().describe('The id of the tenant.'),
    slug: z.string().nullable().describe('Its slug, until nothing is left of it.'),
    state: z.enum(erasureStates).describe('done: a search has found nothing that is not named in kept.'),
    attempts: z.number().int().describe('How often a worker has set about it.'),
    failure: z.string().nullable().describe('Why the last attempt did not come to its end. It is tried again.'),
    proof: erasureProof.nullable().describe('What the last search has found; null before the first one.'),
    created_at: createdAt,
    finished_at: z.number().int().nullable().describe('When nothing was left, in seconds since 1970.'),
  })
  .describe('An erasure of a tenant.');

export type ErasureObject = z.infer<typeof erasureObject>;
