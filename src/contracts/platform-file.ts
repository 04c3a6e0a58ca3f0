import { z } from 'zod';
import { createAgentRequest } from './agents.js';
import { budgetEntry } from './budgets.js';
import { oauthAuth } from './connection-logins.js';
import { connectionAuth, givenConnection } from './connections.js';
import { datasetEntry } from './datasets.js';
import { writtenProxy } from './connection-way.js';
import { createEndpointRequest } from './endpoints.js';
import { createKeyRequest } from './keys.js';
import { slug } from './names.js';
import { createPresetRequest } from './presets.js';
import { createPriceRequest, createTenantPriceRequest } from './prices.js';
import { headersInFile, headerVariables } from './static-headers.js';
import { findDoubles } from './platform-file-doubles.js';
import { withProvider } from './provider-settings.js';
import { updateTenantRequest } from './tenants.js';

const [noAuth, headerToken] = connectionAuth.options;

/** A login says itself as a whole; absent fields have their defaults. */
const login = oauthAuth.required({ client_id: true });

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');

/** How a connection signs in, as the platform takes it: without a token or client secret, the stored one stays. */
const sentAuth = z.discriminatedUnion('mode', [noAuth, headerToken, login]);

/** The same as people write it: the token may stand in a variable of the environment, and so outside of the file. */
const writtenAuth = z.discriminatedUnion('mode', [
  noAuth,
  headerToken
    .extend({
      token_env: variable.optional().describe('The name of the environment variable that holds the token.'),
      further_tokens_env: z
        .array(variable)
        .max(15)
        .optional()
        .describe('The names of the environment variables that hold the further tokens.'),
    })
    .refine((auth) => auth.token === undefined || auth.token_env === undefined, {
      path: ['token_env'],
      error: 'must not stand beside token: give one of them',
    })
    .refine((auth) => auth.further_tokens === undefined || auth.further_tokens_env === undefined, {
      path: ['further_tokens_env'],
      error: 'must not stand beside further_tokens: give one of them',
    }),
  login
    .extend({
      client_secret_env: variable.optional().describe('The name of the environment variable that holds the client secret.'),
    })
    .refine((auth) => auth.client_secret == null || auth.client_secret_env === undefined, {
      path: ['client_secret_env'],
      error: 'must not stand beside client_secret: give one of them',
    }),
]);

const endpointEntry = createEndpointRequest.omit({ tenant: true }).superRefine((entry, context) => {
  if ((entry.agent === undefined) !== (entry.raw_model === undefined)) return;
  context.addIssue({ code: 'custom', path: ['agent'], message: 'must be given, or raw_model, and not both' });
});

const keyEntry = createKeyRequest
  .omit({ tenant: true })
  .extend({ state: z.enum(['active', 'disabled']).optional().describe('Absent: as it is.') })
  .superRefine((entry, context) => {
    if (entry.preset !== undefined || (entry.purpose !== undefined && entry.scopes !== undefined)) return;
    context.addIssue({ code: 'custom', path: ['preset'], message: 'must be given, or purpose and scopes' });
  });

const mostObjects = 10_000;

/** A connection in a file; `auth` is how it signs in. */
function connectionWith<Auth extends z.ZodType<{ readonly mode: string }>>(auth: Auth) {
  return givenConnection.omit({ tenant: true }).extend({
    auth: auth.optional().describe('How the connection signs in. Without a token or client secret, the stored one stays.'),
    headers: headersInFile.optional(),
  });
}

const sentConnection = connectionWith(sentAuth).transform(withProvider);

const writtenConnection = connectionWith(writtenAuth)
  .extend({ headers_env: headerVariables(variable).optional(), proxy: writtenProxy(variable).nullable().optional() })
  .refine(({ headers, headers_env }) => headers_env === undefined || !Array.isArray(headers), {
    path: ['headers_env'],
    error: 'must not stand beside a list of headers: give their names and values, or the list alone',
  })
  .transform(withProvider);

/** The entries of each section. */
function entriesWith<Connection extends z.ZodType>(connections: Connection) {
  return {
    connections,
    prices: createTenantPriceRequest.omit({ tenant: true }),
    datasets: datasetEntry,
    presets: createPresetRequest.omit({ tenant: true }).extend({ name: createPresetRequest.shape.name.optional() }),
    agents: createAgentRequest.omit({ tenant: true }),
    endpoints: endpointEntry,
    keys: keyEntry,
    budgets: budgetEntry,
  };
}

const section = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).max(mostObjects).default([]);
const tenantsOf = <Tenant extends z.ZodType>(tenant: Tenant) =>
  z.array(tenant).max(1000).describe('Tenants with everything that is theirs.');
/** A section that leaves all as it is where the file does not have it. */
const optionalSection = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).max(mostObjects).optional();
const pricesOf = <Price extends z.ZodType>(price: Price) =>
  optionalSection(price).describe("Providers' prices, for the whole platform, by operators. Absent: as they are.");

/** A file says something: of tenants, or of the whole platform. */
const saysSomething = <File extends { readonly tenants: readonly unknown[]; readonly prices?: unknown }>({
  tenants,
  prices,
}: File): boolean => tenants.length > 0 || prices !== undefined;
const nothingSaid = { path: ['tenants'], error: 'must have at least one tenant' };
const fileSlug = slug.describe('The tenant. It is made when there is none of this slug.');

function fileWith<Connection extends z.ZodType<{ readonly name: string }>>(connection: Connection) {
  const entries = entriesWith(connection);
  const tenant = updateTenantRequest.extend({
    slug: fileSlug,
    connections: section(entries.connections).describe('Its connections, by their names.'),
    prices: optionalSection(entries.prices).describe('Its own prices, by operators. Absent: as they are.'),
    datasets: section(entries.datasets).describe('Its datasets, by their aliases.'),
    presets: section(entries.presets).describe('Its own presets, by their slugs.'),
    agents: section(entries.agents).describe('Its agents, by their names. Each is published.'),
    endpoints: section(entries.endpoints).describe('Its endpoints, by their names.'),
    keys: section(entries.keys).describe('Its keys, by their names.'),
    budgets: optionalSection(entries.budgets).describe('Its budgets, those of its keys and endpoints too. Absent: as they are.'),
  });
  return z
    .strictObject({ prices: pricesOf(createPriceRequest), tenants: tenantsOf(tenant).default([]) })
    .refine(saysSomething, nothingSaid)
    .superRefine((file, context) => {
      findDoubles(file, (path, message) => context.addIssue({ code: 'custom', path, message, input: undefined }));
    });
}

/**
 * The file of `gt apply` (contract section 8) as the platform takes it. Objects are named by their names: a name that
 * is not there is created, one that is there gets exactly what stands here, absent fields their defaults. Of a tenant
 * itself, of a key's `state`, of prices and of budgets, absent fields stay as they are.
 */
export const platformFile = fileWith(sentConnection);

/** The file as people write it: secrets may stand in variables of the environment that it names. */
export const writtenPlatformFile = fileWith(writtenConnection);

export type PlatformFile = z.infer<typeof platformFile>;
export type WrittenPlatformFile = z.infer<typeof writtenPlatformFile>;
export type TenantEntry = PlatformFile['tenants'][number];

/** The parts of a tenant's entry, in the order in which they build upon one another. */
export const fileSections = ['connections', 'prices', 'datasets', 'presets', 'agents', 'endpoints', 'keys', 'budgets'] as const;

export type FileSection = (typeof fileSections)[number];

const applyOptions = {
  prune: z
    .boolean()
    .default(false)
    .describe('Deletes what the named tenants have and the file has not. Tenants themselves are never deleted.'),
  dry_run: z.boolean().default(false).describe('Shows what would happen and changes nothing.'),
};

/** `POST /apply`. Tenants are taken one after the other, each as a whole or not at all. */
export const applyRequest = z
  .strictObject({
    file: platformFile.describe(
      'The state that is wanted. Absent fields have their defaults; those of a tenant itself stay as they are.',
    ),
    ...applyOptions,
  })
  .describe('A state that is wanted. Tenants are taken one after the other, each as a whole or not at all.')
  .meta({ examples: [{ file: { tenants: [{ slug: 'acme' }] }, prune: false, dry_run: false }] });

const unread = section(z.unknown());
const unreadOrAbsent = optionalSection(z.unknown());

/** The same request with the entries of its sections unread: they are thousands, and read one by one. */
export const applyOutline = z.strictObject({
  file: z
    .strictObject({
      prices: unreadOrAbsent,
      tenants: tenantsOf(
        updateTenantRequest.extend({
          slug: fileSlug,
          connections: unread,
          prices: unreadOrAbsent,
          datasets: unread,
          presets: unread,
          agents: unread,
          endpoints: unread,
          keys: unread,
          budgets: unreadOrAbsent,
        }),
      ).default([]),
    })
    .refine(saysSomething, nothingSaid),
  ...applyOptions,
});

/** How the entries of each section are read that the outline leaves unread. */
export const sentEntries = entriesWith(sentConnection);

/** The same of providers' prices. */
export const sentPrice = createPriceRequest;

export type ApplyRequest = z.infer<typeof applyRequest>;

export const applyKinds = [
  'price',
  'tenant',
  'connection',
  'tenant_price',
  'dataset',
  'preset',
  'agent',
  'endpoint',
  'key',
  'budget',
] as const;

export type ApplyKind = (typeof applyKinds)[number];

export const applyActions = ['created', 'updated', 'unchanged', 'deleted'] as const;

export type ApplyAction = (typeof applyActions)[number];

export const applyResult = z
  .object({
    kind: z.enum(applyKinds),
    tenant: z.string().nullable().describe('Null for what belongs to no tenant.'),
    name: z.string(),
    id: z.string().nullable().describe('Null for what a dry run would create.'),
    action: z.enum(applyActions),
    secret: z.string().optional().describe('Only of a key that was created; shown this once.'),
    notices: z
      .array(z.string())
      .optional()
      .describe('What is worth knowing about it: what of it has no effect, or why it stayed as it was.'),
  })
  .describe('What became of one object.');

export type ApplyResult = z.infer<typeof applyResult>;

export const applyObject = z
  .object({
    object: z.literal('apply'),
    changed: z.number().int().describe('How many objects changed, or would change.'),
    results: z.array(applyResult),
  })
  .describe('What became of the objects of the file.');

export type ApplyObject = z.infer<typeof applyObject>;

export const applyProgress = z
  .object({
    object: z.literal('apply.progress'),
    tenant: z.string().describe('The slug of the tenant that is being brought to its entry.'),
    done: z.number().int().describe('How many objects of this tenant are as the file says, or gone.'),
    total: z.number().int().describe('How many there are to bring or to delete.'),
  })
  .describe('How far an apply has come.');

export type ApplyProgress = z.infer<typeof applyProgress>;

/** The events of an apply for a client that accepts them: some of the first kind, and the last one is the answer. */
export const applyEvents = { 'apply.progress': applyProgress, 'apply.done': applyObject };

/** `GET /export`: the file that makes this state, without secrets and with little that is a default. */
export const exportObject = z
  .object({
    prices: z
      .array(z.looseObject({ provider: z.string(), model: z.string() }))
      .optional()
      .describe("Providers' prices that are as no list has them. Absent where one tenant is shown, or there are none."),
    tenants: z.array(z.looseObject({ slug: z.string() })),
  })
  .describe('The file that makes this state, without secrets.');

export type ExportObject = z.infer<typeof exportObject>;
