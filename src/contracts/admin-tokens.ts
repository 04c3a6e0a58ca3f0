import { z } from 'zod';
import { adminListQuery, listQuery } from './lists.js';
import { memberRoles } from './members.js';
import { objectName } from './names.js';
import { timeInSeconds } from './times.js';

export const defaultTokenSeconds = 90 * 86_400;
/** A year that may be a leap year. */
export const maxTokenSeconds = 366 * 86_400;

/** `operator` is a role that this form knows and refuses: operators' tokens are made by `gt operator create`. */
export const createAdminTokenRequest = z.strictObject({
  tenant: z.string().min(1).max(128).optional(),
  name: objectName,
  role: z.enum([...memberRoles, 'operator']),
  /** Absent: in 90 days. At most a year ahead. */
  expires_at: timeInSeconds.optional(),
  /** Id or e-mail address of the member whose token it is; it dies with the member. */
  member: z.string().min(1).max(254).optional(),
});

export type CreateAdminTokenRequest = z.infer<typeof createAdminTokenRequest>;

export const listAdminTokensQuery = adminListQuery.extend({
  name: z.string().max(100).optional(),
  role: z.enum(memberRoles).optional(),
  /** Id of a member. */
  member: z.string().max(128).optional(),
});

export type ListAdminTokensQuery = z.infer<typeof listAdminTokensQuery>;

export const listOperatorTokensQuery = listQuery.extend({ name: z.string().max(100).optional() });

export type ListOperatorTokensQuery = z.infer<typeof listOperatorTokensQuery>;

export const adminTokenStates = ['active', 'revoked', 'expired'] as const;

export const adminTokenObject = z.object({
  object: z.literal('admin_token'),
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  role: z.enum(memberRoles),
  member: z.string().nullable(),
  state: z.enum(adminTokenStates),
  last_four: z.string(),
  expires_at: z.number().int(),
  last_used_at: z.number().int().nullable(),
  created_at: z.number().int(),
});

export type AdminTokenObject = z.infer<typeof adminTokenObject>;

/** The answer to a creation: the only time that the secret is shown. */
export const createdAdminToken = adminTokenObject.extend({ secret: z.string() });

export const operatorTokenObject = z.object({
  object: z.literal('operator_token'),
  id: z.string(),
  name: z.string(),
  state: z.enum(['active', 'revoked']),
  last_four: z.string(),
  last_used_at: z.number().int().nullable(),
  created_at: z.number().int(),
});

export type OperatorTokenObject = z.infer<typeof operatorTokenObject>;
