import { z } from 'zod';
import { adminListQuery, listQuery } from './lists.js';

const auditFilters = {
  actor: z.string().max(300).optional(),
  action: z.string().max(64).optional(),
  kind: z.string().max(64).optional(),
  object_id: z.string().max(128).optional(),
};

export const listAuditQuery = adminListQuery.extend(auditFilters);

export type ListAuditQuery = z.infer<typeof listAuditQuery>;

export const listOperatorAuditQuery = listQuery.extend(auditFilters);

export type ListOperatorAuditQuery = z.infer<typeof listOperatorAuditQuery>;

/** One change. `changes` holds the fields that were set, never a secret. */
export const auditObject = z.object({
  object: z.literal('audit'),
  id: z.string(),
  actor: z.string(),
  actor_role: z.string(),
  action: z.string(),
  kind: z.string(),
  object_id: z.string(),
  request_id: z.string(),
  changes: z.record(z.string(), z.unknown()),
  created_at: z.number().int(),
});

export type AuditObject = z.infer<typeof auditObject>;
