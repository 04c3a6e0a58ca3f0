import { setTimeout as wait } from 'node:timers/promises';
import { resolveSpelling } from '../../../catalog/spellings.js';
import type { EndpointObject } from '../../../contracts/endpoints.js';
import { explanationObject } from '../../../contracts/key-explanation.js';
import type { KeyObject, OwnKeyObject } from '../../../contracts/keys.js';
import { modalityScopes } from '../../../contracts/scopes.js';
import type { TenantObject } from '../../../contracts/tenants.js';
import type { adminUsageObject } from '../../../contracts/usage.js';
import { maskCredential } from '../../../kernel/credentials.js';
import type { z } from 'zod';
import type { AdminHttp, CallInput } from '../../admin-http.js';
import type { AdminRouteId } from '../../../catalog/admin-routes.js';
import { RefusedError } from '../../admin-http.js';
import { CliError } from '../../cli-error.js';
import { found, well, type Check, type FieldDiagnosisId } from '../check.js';

/** Each is asked for its keys; in a larger installation --tenant says where to look. */
const mostTenants = 500;
/** Usage is there within two seconds (contract section 10). */
const usageWaitMs = 5_000;

type AdminUsage = z.infer<typeof adminUsageObject>;

interface Holder {
  readonly tenant: TenantObject;
  readonly key: KeyObject;
}

/** What the admin plane knows and a client is not told. Its own refusal is a finding too. */
export class AdminView {
  constructor(
    private readonly http: AdminHttp,
    /** The tenant to look in, where one was named. */
    private readonly tenant: string | undefined,
  ) {}

  /** Whether the admin plane shows a key to the token. */
  answers(check: string, { id, tenant }: OwnKeyObject): Promise<Check> {
    return orRefused(check, async () => {
      await this.http.call('keys.get', { id, query: { tenant } });
      return well(check, 'it answers to the admin token.');
    });
  }

  /** Why a well-formed key is not accepted at this base URL. */
  whyUnknown(check: string, secret: string, baseUrl: string): Promise<Check> {
    return orRefused(check, async () => {
      const tenants = await this.tenants();
      const holder = await this.holder(tenants, secret);
      if (holder === undefined)
        return found(
          check,
          'key-absent',
          `No key of ${tenants.length === 1 ? tenants[0]?.slug : `${tenants.length} tenants`} ends like ${maskCredential(secret)}.`,
        );
      const { tenant, key } = holder;
      const whose = `It is ${key.name} of the tenant ${tenant.slug}.`;
      if (key.state !== 'active') return found(check, `key-${key.state}`, whose);
      if (tenant.state === 'disabled') return found(check, 'tenant-disabled', whose);
      return (
        hostFinding(check, holder, tenants, new URL(baseUrl).hostname) ??
        found(check, 'key-unknown', `${whose} Both are active, so another secret may end with the same letters.`)
      );
    });
  }

  /** Why the key may not use a name. @param usable a sentence about those that it may. */
  whyNoModel(check: string, own: OwnKeyObject, asked: string, usable: string): Promise<Check> {
    return orRefused(check, async () => {
      const spelling = resolveSpelling(asked);
      const query = spelling.kind === 'default' ? { default: 'true' } : { name: spelling.name };
      const [endpoint] = await this.list<EndpointObject>('endpoints.list', { ...query, tenant: own.tenant });
      if (endpoint === undefined) return this.unpublished(check, own, asked, usable);
      const { id, tenant } = own;
      const body = { tenant, method: 'GET', path: '/models/{model}', model: asked };
      const explained = explanationObject.parse(await this.http.call('keys.explain', { id, body }));
      const why = `${explained.steps.find(({ ok }) => !ok)?.detail ?? ''} ${usable}`;
      const scopes: readonly string[] = own.effective_scopes;
      const isOfUse = endpoint.modalities.some((modality) => scopes.includes(modalityScopes[modality]));
      return found(check, isOfUse ? 'model-not-allowed' : 'scope-missing', why);
    });
  }

  /** What a provider said to a call that failed. @param told what the client was told. */
  whyProvider(
    check: string,
    own: OwnKeyObject,
    requestId: string,
    told: { readonly id: FieldDiagnosisId; readonly seen: string },
  ): Promise<Check> {
    return orRefused(check, async () => {
      const call = await this.usage(own, requestId);
      if (call === undefined) return found(check, told.id, told.seen);
      const { upstream_status: status, connection, model } = call;
      const seen = `The connection ${connection ?? '(deleted)'} was asked for ${model}${status === null ? ' and gave no answer' : `: status ${status}`}. ${told.seen}`;
      if (status === 401 || status === 403) return found(check, 'provider-key-refused', seen);
      if (status === 404) return found(check, 'provider-model-unknown', seen);
      return found(check, told.id, seen);
    });
  }

  private async unpublished(check: string, { tenant }: OwnKeyObject, name: string, usable: string): Promise<Check> {
    const [agent] = await this.list<{ name: string }>('agents.list', { name, tenant });
    const seen = agent === undefined ? `${name} was asked for.` : `There is an agent ${name}, which no endpoint has.`;
    return found(check, 'model-unpublished', `${seen} ${usable}`);
  }

  private async usage(own: OwnKeyObject, requestId: string): Promise<AdminUsage | undefined> {
    const until = performance.now() + usageWaitMs;
    for (;;) {
      const calls = await this.list<AdminUsage>('usage.list', { tenant: own.tenant, key: own.id, limit: '20' });
      const call = calls.find(({ request_id }) => request_id === requestId);
      if (call !== undefined || performance.now() > until) return call;
      await wait(200);
    }
  }

  /** All that an operator sees, or the one of a tenant's own token. */
  private async tenants(): Promise<TenantObject[]> {
    if (this.tenant !== undefined) return [await this.one<TenantObject>('tenants.get', { id: this.tenant })];
    const tenants: TenantObject[] = [];
    try {
      for (let more = true; more && tenants.length < mostTenants;) {
        const after = tenants.at(-1)?.id;
        const page = await this.http.call('tenants.list', { query: { limit: '100', after } });
        tenants.push(...(page['data'] as TenantObject[]));
        more = page['has_more'] === true;
      }
      return tenants;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 403) throw error;
      return [await this.ownTenant(error)];
    }
  }

  /** The tenant of a tenant's own token, as its keys name it. */
  private async ownTenant(cause: RefusedError): Promise<TenantObject> {
    const [key] = await this.list<KeyObject>('keys.list', { limit: '1' });
    if (key !== undefined) return this.one<TenantObject>('tenants.get', { id: key.tenant });
    throw new CliError(1, ['The admin token is of one tenant, which has no keys: name it with --tenant.'], { cause });
  }

  private async holder(tenants: readonly TenantObject[], secret: string): Promise<Holder | undefined> {
    for (const tenant of tenants) {
      const [key] = await this.list<KeyObject>('keys.list', { tenant: tenant.slug, last_four: secret.slice(-4) });
      if (key !== undefined) return { tenant, key };
    }
    return undefined;
  }

  private async list<T>(route: AdminRouteId, query: NonNullable<CallInput['query']>): Promise<T[]> {
    return (await this.http.call(route, { query }))['data'] as T[];
  }

  private async one<T>(route: AdminRouteId, input: CallInput): Promise<T> {
    return (await this.http.call(route, input)) as T;
  }
}

function hostFinding(check: string, { tenant, key }: Holder, tenants: readonly TenantObject[], host: string): Check | undefined {
  if (tenant.hosts.includes(host)) return undefined;
  const owner = tenants.find(({ hosts }) => hosts.includes(host));
  const whose = `The key ${key.name} is of the tenant ${tenant.slug}, whose hosts are ${tenant.hosts.join(', ') || 'none of its own'}`;
  if (owner !== undefined) return found(check, 'wrong-host', `${whose}; ${host} belongs to ${owner.slug}.`);
  // Seen from one tenant, no other's hosts are known. Nothing else is left that would refuse this key.
  return tenants.length === 1 ? found(check, 'wrong-host', `${whose}; ${host} is none of them.`) : undefined;
}

async function orRefused(check: string, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError) return found(check, 'admin-token-refused', error.lines.join(' '));
    throw error;
  }
}
