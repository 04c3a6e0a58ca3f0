import { z } from 'zod';
import { approvalSetting, approvalWords } from './approval-setting.js';
import { createdAt, timeZoneName } from './times.js';
import { datasetEmbedding } from './datasets.js';
import { keyLimits } from './key-limits.js';
import { listQuery } from './lists.js';
import { markupPerMille } from './prices.js';
import { slug } from './names.js';

/** Bodies of calls are kept for so many days at most. */
export const mostBodyDays = 30;

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

const displayName = z.string().trim().min(1).max(200);
const hosts = z.array(hostName).max(100).transform(distinct);
const routesOff = z.array(z.string().min(1).max(64)).max(64).transform(distinct);

/** What of a tenant may change. `state`, `hosts`, `ceiling` and `markup_per_mille` are the operators'; the rest is the owners' too. */
export const updateTenantRequest = z
  .strictObject({
    name: displayName.optional().describe('A name for people.'),
    state: z.enum(tenantStates).optional().describe('Only operators change it. Keys of a tenant that is not active are refused.'),
    api_enabled: z.boolean().optional().describe('Whether keys of the tenant can call the API at all.'),
    hosts: hosts.optional().describe('Host names under which only this tenant is served. Only operators change them.'),
    routes_off: routesOff
      .optional()
      .describe(
        "Names of route groups that the tenant's keys cannot see; `websocket` switches off the WebSocket of Responses alone.",
      ),
    approval: approvalSetting.optional().describe(`${approvalWords} They hold for all keys of the tenant.`),
    limits: keyLimits.partial().optional().describe('Limits of the tenant as a whole.'),
    ceiling: keyLimits
      .partial()
      .optional()
      .describe("Limits that hold beside the tenant's own, whatever it sets. Only operators change them."),
    time_zone: timeZoneName
      .optional()
      .describe('In whose days, weeks and months its budgets are counted, by its IANA name; a change begins new periods.'),
    markup_per_mille: markupPerMille
      .optional()
      .describe('Thousandths that are put on the cost of its calls, below zero taken off. Only operators change it.'),
    retention_days: z
      .number()
      .int()
      .min(1)
      .max(36_500)
      .nullable()
      .optional()
      .describe('Conversations and their files that nobody touched for so many days are removed; null keeps them.'),
    stored_days: z
      .number()
      .int()
      .min(1)
      .max(365)
      .optional()
      .describe('Stored chat completions and responses are removed after so many days.'),
    request_log_days: z
      .number()
      .int()
      .min(0)
      .max(400)
      .nullable()
      .optional()
      .describe(
        'Its request log is kept for so many days, and no longer than the platform keeps it; 0: it has none; null: as long as that.',
      ),
    request_bodies: z
      .strictObject({
        days: z.number().int().min(1).max(mostBodyDays).describe('For so many days, and no longer than its request log.'),
      })
      .nullable()
      .optional()
      .describe(
        'Whether bodies of calls are kept beside the request log, redacted and sealed. Only owners of the tenant switch it on.',
      ),
    vector_stores: z
      .strictObject({
        embedding: datasetEmbedding
          .nullable()
          .describe('The model that new vector stores embed with; null: the embed model of the default endpoint.'),
      })
      .optional()
      .describe('What vector stores of the API are made with.'),
  })
  .describe('What changes of a tenant. Absent fields stay as they are.')
  .meta({ examples: [{ name: 'Acme Ltd' }] });

export type UpdateTenantRequest = z.infer<typeof updateTenantRequest>;

export const createTenantRequest = updateTenantRequest
  .extend({ slug: slug.describe('The short name in addresses and files. It never changes.') })
  .describe('A tenant that is to be made.');

export type CreateTenantRequest = z.infer<typeof createTenantRequest>;

export const listTenantsQuery = listQuery
  .extend({
    slug: z.string().max(128).optional().describe('Only the tenant of this slug.'),
    name: z.string().max(200).optional().describe('Only tenants of this name.'),
    state: z.enum(tenantStates).optional().describe('Only tenants in this state.'),
  })
  .describe('Which tenants a list shows.');

export type ListTenantsQuery = z.infer<typeof listTenantsQuery>;

export const tenantObject = z
  .object({
    object: z.literal('tenant'),
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    state: z.enum(tenantStates),
    api_enabled: z.boolean(),
    hosts: z.array(z.string()),
    routes_off: z.array(z.string()),
    approval: z.array(z.string()).describe('Routes whose calls are held until they are approved, whichever key makes them.'),
    limits: z.record(z.string(), z.number().nullable()),
    ceiling: z.record(z.string(), z.number().nullable()).describe("The operators' limits of the tenant."),
    time_zone: z.string().describe('In whose days, weeks and months its budgets are counted.'),
    markup_per_mille: z.number().int().describe('Thousandths that are put on the cost of its calls.'),
    retention_days: z.number().int().nullable().describe('Days after which untouched conversations are removed; null: never.'),
    stored_days: z.number().int().describe('Days after which stored chat completions and responses are removed.'),
    request_log_days: z
      .number()
      .int()
      .nullable()
      .describe('Days for which its request log is kept; null: as long as the platform keeps it.'),
    request_bodies: z
      .object({ days: z.number().int() })
      .nullable()
      .describe('For how many days bodies of calls are kept; null: not at all.'),
    vector_stores: z.object({ embedding: z.object({ connection: z.string(), model: z.string() }).nullable() }),
    created_at: createdAt,
    notices: z.array(z.string()).optional().describe('Only after a creation or change: what of it has no effect.'),
  })
  .meta({ id: 'Tenant', description: 'A tenant.' });

export type TenantObject = z.infer<typeof tenantObject>;
