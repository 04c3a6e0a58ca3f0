import { z } from 'zod';
import { createdAt } from './times.js';
import { adminListQuery, tenantHint } from './lists.js';

/** Roles that a tenant can give; operators stand above tenants. */
export const memberRoles = ['viewer', 'manager', 'owner'] as const;

export type MemberRole = (typeof memberRoles)[number];

export const memberStates = ['active', 'disabled'] as const;

const email = z
  .string()
  .max(254)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email('must be an e-mail address'));

const words = {
  email: 'The e-mail address, unique in the tenant; stored in lower case.',
  name: 'A name for people.',
  role: 'What the member may do: viewers read, managers change, owners do everything in the tenant.',
  state: 'Tokens of a disabled member do not work.',
};

export const createMemberRequest = z
  .strictObject({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    email: email.describe(words.email),
    name: z.string().trim().max(200).default('').describe(words.name),
    role: z.enum(memberRoles).describe(words.role),
    state: z.enum(memberStates).default('active').describe(words.state),
  })
  .describe('A member of a tenant that is to be made.')
  .meta({ examples: [{ email: 'ada@example.com', role: 'viewer' }] });

export type CreateMemberRequest = z.infer<typeof createMemberRequest>;

export const updateMemberRequest = z
  .strictObject({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    email: email.optional().describe(words.email),
    name: z.string().trim().max(200).optional().describe(words.name),
    role: z.enum(memberRoles).optional().describe(words.role),
    state: z.enum(memberStates).optional().describe(words.state),
  })
  .describe('What changes of a member. Absent fields stay as they are.')
  .meta({ examples: [{ role: 'manager' }] });

export type UpdateMemberRequest = z.infer<typeof updateMemberRequest>;

export const listMembersQuery = adminListQuery
  .extend({
    email: z.string().max(254).optional().describe('Only the member of this address.'),
    name: z.string().max(200).optional().describe('Only members of this name.'),
    role: z.enum(memberRoles).optional().describe('Only members of this role.'),
    state: z.enum(memberStates).optional().describe('Only members in this state.'),
  })
  .describe('Which members a list shows.');

export type ListMembersQuery = z.infer<typeof listMembersQuery>;

export const memberObject = z
  .object({
    object: z.literal('member'),
    id: z.string(),
    tenant: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(memberRoles),
    state: z.enum(memberStates),
    created_at: createdAt,
  })
  .meta({ id: 'Member', description: 'A member of a tenant: a person with a role.' });

export type MemberObject = z.infer<typeof memberObject>;
