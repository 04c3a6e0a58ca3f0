import { z } from 'zod';
import { createdAt, queryTime, timeForms } from './times.js';
import { adminListQuery, listQuery, noQuery, tenantQuery } from './lists.js';

const auditFilters = {
  actor: z
    .string()
    .max(300)
    .optional()
    .describe('Only changes by this actor; an e-mail address or the name of a token stands for each of its sessions and tokens.'),
  action: z.string().max(64).optional().describe('Only this action, such as create.'),
  kind: z.string().max(64).optional().describe('Only changes of this kind of object, such as key.'),
  object_id: z.string().max(128).optional().describe('Only changes of the object with this id.'),
  request_id: z.string().max(128).optional().describe('Only changes that the request with this id has made.'),
  address: z.string().max(64).optional().describe("Only changes that came from this client's address."),
  since: queryTime.describe(`Only changes from this time on: ${timeForms}.`),
  until: queryTime.describe(`Only changes before this time: ${timeForms}.`),
};

const exportForms = {
  format: z.enum(['json', 'csv']).optional().describe('By default what Accept asks for: text/csv, or else JSON.'),
};

export const listAuditQuery = adminListQuery.extend(auditFilters).describe('Which changes a list shows.');

export type ListAuditQuery = z.infer<typeof listAuditQuery>;

export const listOperatorAuditQuery = listQuery
  .extend({ ...auditFilters, tenant_id: z.string().max(128).optional().describe('Only changes in the tenant with this id.') })
  .describe("Which of the operators' changes a list shows.");

export type ListOperatorAuditQuery = z.infer<typeof listOperatorAuditQuery>;

export const exportAuditQuery = tenantQuery
  .extend({ ...auditFilters, ...exportForms })
  .describe('Which changes an export has, and its form.');

export const exportOperatorAuditQuery = noQuery
  .extend({ ...auditFilters, ...exportForms })
  .describe("Which of the operators' changes an export has, and its form.");

/** Which rows are meant; without anything, all. */
export type AuditFilter = Omit<z.infer<typeof exportOperatorAuditQuery>, 'format'>;

export type AuditExportFormat = 'json' | 'csv';

/** One change, never with a secret. */
export const auditObject = z
  .object({
    object: z.literal('audit'),
    id: z.string(),
    actor: z.string(),
    actor_role: z.string(),
    action: z.string(),
    kind: z.string(),
    object_id: z.string(),
    tenant_id: z.string().nullable().describe('In which tenant; null for what operators did outside of all.'),
    request_id: z.string(),
    address: z
      .string()
      .nullable()
      .describe("The client's address; null for what no request did, and for rows of an older release."),
    changes: z
      .record(z.string(), z.unknown())
      .describe('The fields that were set; of an update, those that are other than before. Never a secret.'),
    before: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The same fields as they were; of a deletion, what the object was. Null where nothing was. Never a secret.'),
    sealed: z.boolean().describe('Whether the row stands in the chain; a worker puts it there a few seconds after the change.'),
    seq: z.number().int().nullable().describe('Its place in the chain, from 1 on; null: not sealed yet.'),
    hash: z.string().nullable().describe('SHA-256 over the row and the hash before it, in hexadecimal; null: not sealed yet.'),
    time: z.string().describe('The same time as the hash has it: in UTC, to the millisecond.'),
    created_at: createdAt,
  })
  .meta({ id: 'Audit', description: 'One change: who did what to which object.' });

export type AuditObject = z.infer<typeof auditObject>;

/** All changes of a filter as one document, the oldest first. */
export const auditExportObject = z
  .object({
    object: z.literal('audit.export'),
    chain: z.string().describe("The tenant's id, or operators."),
    data: z.array(auditObject),
  })
  .meta({ id: 'AuditExport', description: 'All changes of a filter, the oldest first.' });
