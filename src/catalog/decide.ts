import type { ErrorCode } from '../kernel/error-codes.js';
import { modalityScopes, type Modality, type Scope } from '../contracts/scopes.js';
import { addressAllowed } from '../kernel/addresses.js';
import { allows, type Allowlist, type EndpointFacts, type KeyFacts, type TenantFacts } from './facts.js';
import type { Need } from './needs.js';
import { builtInPresets } from './presets.js';
import type { RouteRow } from './route-row.js';

/** Why a call is refused: a row of the error table, and the sentence for this case. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message?: string;
  readonly param?: string;
}

/** Everything that decides on a call before its body is read. */
export interface CallFacts {
  readonly key: KeyFacts;
  readonly tenant: TenantFacts;
  readonly row: RouteRow;
  /** The caller's address; undefined when `explain` was not given one. */
  readonly ip: string | undefined;
  /** The tenant that owns the Host of the request, if any does. */
  readonly hostTenantId: string | undefined;
  readonly nowMs: number;
}

/** One step of the decision. `judge` answers undefined when the step allows the call. */
interface Check {
  readonly name: string;
  /** Rows that the step is there for, where it is not there for all. */
  concerns?(row: RouteRow): boolean;
  judge(call: CallFacts): Refusal | undefined;
}

const checks: readonly Check[] = [
  {
    name: 'host',
    judge: (call) =>
      call.hostTenantId === undefined || call.hostTenantId === call.key.tenantId ? undefined : { code: 'invalid_api_key' },
  },
  { name: 'key', judge: (call) => keyRefusal(call.key, call.nowMs) },
  {
    name: 'tenant',
    judge: (call) => (call.tenant.state === 'disabled' ? { code: 'invalid_api_key' } : undefined),
  },
  {
    name: 'ip',
    judge: (call) =>
      call.ip === undefined || addressAllowed(call.ip, call.key.allowedRanges) ? undefined : { code: 'ip_not_allowed' },
  },
  {
    name: 'suspension',
    judge: (call) => (call.tenant.state === 'suspended' ? { code: 'tenant_suspended' } : undefined),
  },
  {
    name: 'route_group',
    judge: (call) => (call.tenant.apiEnabled && !call.tenant.groupsOff.has(call.row.group) ? undefined : { code: 'unknown_url' }),
  },
  { name: 'scope', judge: scopeRefusal },
  {
    name: 'websocket',
    concerns: opensSocket,
    judge: ({ row, key, tenant }) =>
      opensSocket(row) && (!key.mayOpenSockets || tenant.groupsOff.has('websocket')) ? socketsOff : undefined,
  },
];

/**
 * THE permission function: may this key make this call? The guard, the lists and `explain` all ask here.
 * The order is the contract's (section 3); the first refusal counts.
 */
export function decide(call: CallFacts): Refusal | undefined {
  for (const check of checks) {
    const refusal = check.judge(call);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

export interface DecisionStep {
  readonly check: string;
  readonly ok: boolean;
  readonly refusal: Refusal | undefined;
}

/** The same decision with every step that concerns the row, up to the first refusal, for `explain`. */
export function decisionSteps(call: CallFacts): DecisionStep[] {
  const steps: DecisionStep[] = [];
  for (const check of checks) {
    if (check.concerns?.(call.row) === false) continue;
    const refusal = check.judge(call);
    steps.push({ check: check.name, ok: refusal === undefined, refusal });
    if (refusal !== undefined) break;
  }
  return steps;
}

/** May this key name this endpoint for this use? Unknown, unpublished and not allowed are one answer. */
export function decideModel(
  key: KeyFacts,
  endpoint: EndpointFacts | undefined,
  name: string,
  modality: Modality,
): Refusal | undefined {
  if (endpoint === undefined || !isListed(key, endpoint)) {
    return {
      code: 'model_not_found',
      param: 'model',
      message: `The model \`${name}\` does not exist or you do not have access to it.`,
    };
  }
  if (!endpoint.modalities.has(modality)) {
    return {
      code: 'unsupported_modality',
      param: 'model',
      message: `The model \`${name}\` does not serve ${modality} requests.`,
    };
  }
  return undefined;
}

/** May this key use this dataset as a target? */
export function decideDataset(key: KeyFacts, dataset: { readonly id: string; readonly alias: string }): Refusal | undefined {
  return allows(key.datasets, dataset.alias) || allows(key.datasets, dataset.id) ? undefined : { code: 'target_not_allowed' };
}

/** Which stores a key may search by naming them in a request. */
export interface SearchableStores {
  /** Vector stores, which belong to the tenant. */
  readonly stores: boolean;
  readonly datasets: Allowlist;
}

/** What a key could read by itself: within its scopes, the groups that its tenant has on, and its allowlist. */
export function searchable(key: KeyFacts, { groupsOff }: TenantFacts): SearchableStores {
  const stores = key.effectiveScopes.has('vector_stores:read') && !groupsOff.has('vector_stores');
  const reads = stores || key.effectiveScopes.has('datasets:read');
  return { stores, datasets: reads && !groupsOff.has('datasets') ? key.datasets : new Set() };
}

/** Listing equals permission: published, in the allowlist of its kind, and of use with a scope that the key has. */
export function isListed(key: KeyFacts, endpoint: EndpointFacts): boolean {
  const list = endpoint.kind === 'agent_alias' ? key.agents : key.rawModels;
  if (!allows(list, endpoint.name)) return false;
  for (const modality of endpoint.modalities) if (key.effectiveScopes.has(modalityScopes[modality])) return true;
  return false;
}

/** What a call needs of its key to which an endpoint must be listed, whatever it is for. */
export function listingNeed({ modalities }: Pick<EndpointFacts, 'modalities'>): Need {
  return [...modalities].map((modality) => modalityScopes[modality]);
}

/** True when the key's scopes reach the row; the routes of `GET /key` are those. */
export function reachesRow(key: Pick<KeyFacts, 'effectiveScopes'>, row: RouteRow): boolean {
  return row.scopes === 'any' || row.scopes.some((scope) => key.effectiveScopes.has(scope));
}

/** What the right secret of a key that is no longer good is told. */
export const keyEnds = {
  revoked: 'This API key has been revoked.',
  disabled: 'This API key is disabled.',
  expired: 'This API key has expired.',
} as const;

function keyRefusal(key: KeyFacts, nowMs: number): Refusal | undefined {
  if (key.state === 'revoked') return { code: 'invalid_api_key', message: keyEnds.revoked };
  if (key.state === 'disabled') return { code: 'invalid_api_key', message: keyEnds.disabled };
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) return { code: 'invalid_api_key', message: keyEnds.expired };
  return undefined;
}

function opensSocket({ isSocket }: RouteRow): boolean {
  return isSocket === true;
}

const socketsOff: Refusal = {
  code: 'upgrade_required',
  message: 'WebSockets are switched off for this API key. Send POST /responses instead.',
};

function scopeRefusal(call: CallFacts): Refusal | undefined {
  const { scopes } = call.row;
  if (scopes === 'any' || reachesRow(call.key, call.row)) return undefined;
  return { code: 'insufficient_scope', message: missingScopes(scopes) };
}

/** What a caller is told whose key has none of these scopes, each of which is enough. */
export function missingScopes(scopes: readonly Scope[]): string {
  const having = builtInPresets
    .filter((preset) => preset.scopes.some((scope) => scopes.includes(scope)))
    .map((preset) => preset.slug);
  return (
    `You have insufficient permissions for this operation. Missing scopes: ${scopes.join(' or ')}. ` +
    `Presets that have it: ${having.length > 0 ? having.join(', ') : 'none'}.`
  );
}
