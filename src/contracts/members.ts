import { z } from 'zod';
import { adminListQuery } from './lists.js';

/** Roles that a tenant can give; operators stand above tenants. */
export const memberRoles = ['viewer', 'manager', 'owner'] as const;

export type MemberRole = (typeof memberRoles)[number];

export const memberStates = ['active', 'disabled'] as const;

const email = z
  .string()
  .max(254)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email('must be an e-mail address'));

export const createMemberRequest = z.strictObject({
  tenant: z.string().min(1).max(128).optional(),
  email,
  name: z.string().trim().max(200).default(''),
  role: z.enum(memberRoles),
  state: z.enum(memberStates).default('active'),
});

export type CreateMemberRequest = z.infer<typeof createMemberRequest>;

export const updateMemberRequest = z.strictObject({
  tenant: z.string().min(1).max(128).optional(),
  email: email.optional(),
  name: z.string().trim().max(200).optional(),
  role: z.enum(memberRoles).optional(),
  state: z.enum(memberStates).optional(),
});

export type UpdateMemberRequest = z.infer<typeof updateMemberRequest>;

export const listMembersQuery = adminListQuery.extend({
  email: z.string().max(254).optional(),
  name: z.string().max(200).optional(),
  role: z.enum(memberRoles).optional(),
  state: z.enum(memberStates).optional(),
});

export type ListMembersQuery = z.infer<typeof listMembersQuery>;

export const memberObject = z.object({
  object: z.literal('member'),
  id: z.string(),
  tenant: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(memberRoles),
  state: z.enum(memberStates),
  created_at: z.number().int(),
});

export type MemberObject = z.infer<typeof memberObject>;
