import { z } from 'zod';
import { adminListQuery, listQuery, tenantHint } from './lists.js';
import { memberRoles } from './members.js';
import { objectName } from './names.js';
import { createdAt, timeForms, timeInSeconds } from './times.js';

export const defaultTokenSeconds = 90 * 86_400;
/** A year that may be a leap year. */
export const maxTokenSeconds = 366 * 86_400;

/** `operator` is a role that this form knows and refuses: operators' tokens are made by `gt operator create`. */
export const createAdminTokenRequest = z
  .strictObject({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    name: objectName.describe('A name by which people know the token.'),
    role: z
      .enum([...memberRoles, 'operator'])
      .describe('What the token may do. Operator tokens are not made here but by gt operator create.'),
    expires_at: timeInSeconds
      .optional()
      .describe(`When the token ends: ${timeForms}. At most a year ahead; by default in 90 days.`),
    member: z
      .string()
      .min(1)
      .max(254)
      .optional()
      .describe('The member whose token it is, by id or e-mail address. The token ends with the member.'),
  })
  .describe('A token of the admin plane that is to be made.')
  .meta({ examples: [{ name: 'deploys', role: 'manager' }] });

export type CreateAdminTokenRequest = z.infer<typeof createAdminTokenRequest>;

export const listAdminTokensQuery = adminListQuery
  .extend({
    name: z.string().max(100).optional().describe('Only tokens of this name.'),
    role: z.enum(memberRoles).optional().describe('Only tokens of this role.'),
    member: z.string().max(128).optional().describe('Only tokens of the member with this id.'),
  })
  .describe('Which tokens a list shows.');

export type ListAdminTokensQuery = z.infer<typeof listAdminTokensQuery>;

export const listOperatorTokensQuery = listQuery
  .extend({ name: z.string().max(100).optional().describe('Only tokens of this name.') })
  .describe("Which operators' tokens a list shows.");

export type ListOperatorTokensQuery = z.infer<typeof listOperatorTokensQuery>;

export const adminTokenStates = ['active', 'revoked', 'expired'] as const;

export const adminTokenObject = z
  .object({
    object: z.literal('admin_token'),
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    role: z.enum(memberRoles),
    member: z.string().nullable().describe('The id of its member; null when it belongs to none.'),
    state: z.enum(adminTokenStates),
    last_four: z.string().describe('The last four characters of the secret.'),
    expires_at: z.number().int().describe('When it ends, in Unix seconds.'),
    last_used_at: z.number().int().nullable().describe('When it was last used, in Unix seconds; null when never.'),
    created_at: createdAt,
  })
  .meta({ id: 'AdminToken', description: 'A token of the admin plane, without its secret.' });

export type AdminTokenObject = z.infer<typeof adminTokenObject>;

/** The answer to a creation: the only time that the secret is shown. */
export const createdAdminToken = adminTokenObject
  .extend({ secret: z.string().describe('The token itself. It is shown this once.') })
  .describe('A token that was just made, with its secret.');

export const operatorTokenObject = z
  .object({
    object: z.literal('operator_token'),
    id: z.string(),
    name: z.string(),
    state: z.enum(['active', 'revoked']),
    last_four: z.string().describe('The last four characters of the secret.'),
    last_used_at: z.number().int().nullable().describe('When it was last used, in Unix seconds; null when never.'),
    created_at: createdAt,
  })
  .meta({ id: 'OperatorToken', description: 'A token of an operator, without its secret.' });

export type OperatorTokenObject = z.infer<typeof operatorTokenObject>;
