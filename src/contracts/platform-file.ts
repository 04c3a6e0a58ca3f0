import { z } from 'zod';
import { createAgentRequest } from './agents.js';
import { connectionAuth, createConnectionRequest } from './connections.js';
import { datasetEntry } from './datasets.js';
import { createEndpointRequest } from './endpoints.js';
import { createKeyRequest } from './keys.js';
import { slug } from './names.js';
import { createPresetRequest } from './presets.js';
import { findDoubles } from './platform-file-doubles.js';
import { updateTenantRequest } from './tenants.js';

const [noAuth, headerToken] = connectionAuth.options;

/** How a connection signs in, as the platform takes it: without a token, the stored one stays. */
const sentAuth = z.discriminatedUnion('mode', [noAuth, headerToken]);

/** The same as people write it: the token may stand in a variable of the environment, and so outside of the file. */
const writtenAuth = z.discriminatedUnion('mode', [
  noAuth,
  headerToken
    .extend({
      token_env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
        .optional(),
    })
    .refine((auth) => auth.token === undefined || auth.token_env === undefined, {
      path: ['token_env'],
      error: 'must not stand beside token: give one of them',
    }),
]);

const endpointEntry = createEndpointRequest.omit({ tenant: true }).superRefine((entry, context) => {
  if ((entry.agent === undefined) !== (entry.raw_model === undefined)) return;
  context.addIssue({ code: 'custom', path: ['agent'], message: 'must be given, or raw_model, and not both' });
});

const keyEntry = createKeyRequest
  .omit({ tenant: true })
  .extend({ state: z.enum(['active', 'disabled']).optional() })
  .superRefine((entry, context) => {
    if (entry.preset !== undefined || (entry.purpose !== undefined && entry.scopes !== undefined)) return;
    context.addIssue({ code: 'custom', path: ['preset'], message: 'must be given, or purpose and scopes' });
  });

const mostObjects = 10_000;

/** The entries of each section; `auth` is how a connection signs in. */
function entriesWith<Auth extends z.ZodType>(auth: Auth) {
  return {
    connections: createConnectionRequest.omit({ tenant: true }).extend({ auth }),
    datasets: datasetEntry,
    presets: createPresetRequest.omit({ tenant: true }).extend({ name: createPresetRequest.shape.name.optional() }),
    agents: createAgentRequest.omit({ tenant: true }),
    endpoints: endpointEntry,
    keys: keyEntry,
  };
}

const section = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).max(mostObjects).default([]);
const tenantsOf = <Tenant extends z.ZodType>(tenant: Tenant) => z.array(tenant).min(1).max(1000);

function fileWith<Auth extends z.ZodType>(auth: Auth) {
  const entries = entriesWith(auth);
  const tenant = updateTenantRequest.extend({
    slug,
    connections: section(entries.connections),
    datasets: section(entries.datasets),
    presets: section(entries.presets),
    agents: section(entries.agents),
    endpoints: section(entries.endpoints),
    keys: section(entries.keys),
  });
  return z.strictObject({ tenants: tenantsOf(tenant) }).superRefine((file, context) => {
    findDoubles(file, (path, message) => context.addIssue({ code: 'custom', path, message, input: undefined }));
  });
}

const sentWithDefault = sentAuth.default({ mode: 'none' });

/**
 * The file of `gt apply` (contract section 8) as the platform takes it. Objects are named by their names: a name that
 * is not there is created, one that is there gets exactly what stands here, absent fields their defaults. Of a tenant
 * itself, and of a key's `state`, absent fields stay as they are.
 */
export const platformFile = fileWith(sentWithDefault);

/** The file as people write it: `auth` may name a variable of the environment in `token_env`. */
export const writtenPlatformFile = fileWith(writtenAuth.default({ mode: 'none' }));

export type PlatformFile = z.infer<typeof platformFile>;
export type WrittenPlatformFile = z.infer<typeof writtenPlatformFile>;
export type TenantEntry = PlatformFile['tenants'][number];

/** The parts of a tenant's entry, in the order in which they build upon one another. */
export const fileSections = ['connections', 'datasets', 'presets', 'agents', 'endpoints', 'keys'] as const;

export type FileSection = (typeof fileSections)[number];

const applyOptions = {
  /** Deletes what the named tenants have and the file has not. Tenants themselves are never deleted. */
  prune: z.boolean().default(false),
  /** Shows what would happen and changes nothing. */
  dry_run: z.boolean().default(false),
};

/** `POST /apply`. Tenants are taken one after the other, each as a whole or not at all. */
export const applyRequest = z.strictObject({ file: platformFile, ...applyOptions });

const unread = section(z.unknown());

/** The same request with the entries of its sections unread: they are thousands, and read one by one. */
export const applyOutline = z.strictObject({
  file: z.strictObject({
    tenants: tenantsOf(
      updateTenantRequest.extend({
        slug,
        connections: unread,
        datasets: unread,
        presets: unread,
        agents: unread,
        endpoints: unread,
        keys: unread,
      }),
    ),
  }),
  ...applyOptions,
});

/** How the entries of each section are read that the outline leaves unread. */
export const sentEntries = entriesWith(sentWithDefault);

export type ApplyRequest = z.infer<typeof applyRequest>;

export const applyKinds = ['tenant', 'connection', 'dataset', 'preset', 'agent', 'endpoint', 'key'] as const;

export type ApplyKind = (typeof applyKinds)[number];

export const applyActions = ['created', 'updated', 'unchanged', 'deleted'] as const;

export type ApplyAction = (typeof applyActions)[number];

export const applyResult = z.object({
  kind: z.enum(applyKinds),
  tenant: z.string(),
  name: z.string(),
  /** Null for what a dry run would create. */
  id: z.string().nullable(),
  action: z.enum(applyActions),
  /** Only of a key that was created; shown this once. */
  secret: z.string().optional(),
  /** What is worth knowing about it: what of it has no effect, or why it stayed as it was. */
  notices: z.array(z.string()).optional(),
});

export type ApplyResult = z.infer<typeof applyResult>;

export const applyObject = z.object({ object: z.literal('apply'), changed: z.number().int(), results: z.array(applyResult) });

export type ApplyObject = z.infer<typeof applyObject>;

/** `GET /export`: the file that makes this state, without secrets and with little that is a default. */
export const exportObject = z.object({ tenants: z.array(z.looseObject({ slug: z.string() })) });

export type ExportObject = z.infer<typeof exportObject>;
