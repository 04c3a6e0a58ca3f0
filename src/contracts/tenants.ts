import { z } from 'zod';
import { keyLimits } from './keys.js';
import { listQuery } from './lists.js';
import { slug } from './names.js';

export const tenantStates = ['active', 'suspended', 'disabled'] as const;

/** A host name as the Host header has it, without port; comes out in lower case. */
export const hostName = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(
    z
      .string()
      .max(253)
      .regex(
        /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        'must be a host name without scheme, port and path',
      ),
  );

/** A set in an array: doubled members count once. */
const distinct = <T>(items: T[]): T[] => [...new Set(items)];

/** A tenant's spending limits. They are stored now and enforced when budgets land; null or absent: none. */
export const tenantBudgets = z.strictObject({
  tokens_per_day: z.number().int().min(0).nullable().default(null),
  tokens_per_month: z.number().int().min(0).nullable().default(null),
});

const displayName = z.string().trim().min(1).max(200);
const hosts = z.array(hostName).max(100).transform(distinct);
const routesOff = z.array(z.string().min(1).max(64)).max(64).transform(distinct);

/** What of a tenant may change. `state` and `hosts` are the operators'; the rest is the owners' too. */
export const updateTenantRequest = z.strictObject({
  name: displayName.optional(),
  state: z.enum(tenantStates).optional(),
  api_enabled: z.boolean().optional(),
  hosts: hosts.optional(),
  /** Names of route groups that this tenant's keys cannot see. */
  routes_off: routesOff.optional(),
  limits: keyLimits.partial().optional(),
  budgets: tenantBudgets.partial().optional(),
  /** Conversations and their files that nobody touched for so many days are removed; null keeps them. */
  retention_days: z.number().int().min(1).max(36_500).nullable().optional(),
});

export type UpdateTenantRequest = z.infer<typeof updateTenantRequest>;

export const createTenantRequest = updateTenantRequest.extend({ slug });

export type CreateTenantRequest = z.infer<typeof createTenantRequest>;

export const listTenantsQuery = listQuery.extend({
  slug: z.string().max(128).optional(),
  name: z.string().max(200).optional(),
  state: z.enum(tenantStates).optional(),
});

export type ListTenantsQuery = z.infer<typeof listTenantsQuery>;

export const tenantObject = z.object({
  object: z.literal('tenant'),
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  state: z.enum(tenantStates),
  api_enabled: z.boolean(),
  hosts: z.array(z.string()),
  routes_off: z.array(z.string()),
  limits: z.record(z.string(), z.number().nullable()),
  budgets: z.record(z.string(), z.number().nullable()),
  retention_days: z.number().int().nullable(),
  created_at: z.number().int(),
  /** Only in replies to a creation or change, where something of it has no effect. */
  notices: z.array(z.string()).optional(),
});

export type TenantObject = z.infer<typeof tenantObject>;
