import { addressRanges } from '../../kernel/addresses.js';
import { heldByAny } from '../../catalog/approval.js';
import { allowlist, type KeyFacts, type TenantFacts } from '../../catalog/facts.js';
import { builtInPreset } from '../../catalog/presets.js';
import { passedOn } from '../../catalog/purposes.js';
import type { RouteSwitch } from '../../catalog/route-row.js';
import { keyLimits, uploadLimitsOf } from '../../contracts/key-limits.js';
import { promptPolicy } from '../../contracts/prompt-policy.js';
import { isScope, type Scope } from '../../contracts/scopes.js';
import { callLimits, type CallLimit } from '../limits/call-limit.js';
import type { KeyRecord, StoredKey, StoredTenant } from './key-record.js';

/** A key and its tenant, as the guard and everything behind it see them. */
export interface Identity {
  readonly key: KeyFacts;
  readonly tenant: TenantFacts;
  /** The secret that the caller has; null when the key was read by itself. */
  readonly secretId: string | null;
  /** The keys that this one links: a change of theirs changes it. */
  readonly linkedKeyIds: readonly string[];
  /** Whether the key, one that it links, or the tenant has a limit on uploads. */
  readonly hasUploadLimits: boolean;
  /** What its calls count against: the limits of the key, of those that it links, and of the tenant. */
  readonly callLimits: readonly CallLimit[];
  /** Whether the tenant has budgets, which may count its calls. */
  readonly hasBudgets: boolean;
  /** When a link ends and the facts must be computed anew, in milliseconds since 1970; null: never. */
  readonly recomputeAtMs: number | null;
}

/** What a record grants at this moment: within preset and links, as the contract's section 1 says. */
export function identityOf(record: KeyRecord, nowMs: number): Identity {
  const { key } = record;
  const inference = living(record.inferenceKey, 'inference', nowMs);
  const upload = living(record.uploadKey, 'upload', nowMs);
  const isConversation = key.purpose === 'conversation';
  const modelSource = isConversation ? inference : key;
  const dataSource = isConversation ? upload : key;
  return {
    key: {
      id: key.id,
      tenantId: key.tenantId,
      purpose: key.purpose as KeyFacts['purpose'],
      state: key.state as KeyFacts['state'],
      expiresAtMs: earliest([record.secretExpiresAtMs, key.expiresAtMs]),
      effectiveScopes: isConversation ? conversationScopes(key, inference, upload) : ownScopes(key),
      agents: allowlist(modelSource?.agents ?? []),
      rawModels: allowlist(modelSource?.rawModels ?? []),
      datasets: allowlist(dataSource?.datasets ?? []),
      allowedRanges: addressRanges(key.allowedIps),
      promptPolicy: modelSource?.promptPolicy == null ? null : promptPolicy.parse(modelSource.promptPolicy),
      keepAlive: key.keepAlive as KeyFacts['keepAlive'],
      mayOpenSockets: key.websocket,
      approval: heldByAny([key, inference, upload, record.tenant].map((one) => one?.approval ?? [])),
      limits: keyLimits.parse(key.limits),
    },
    tenant: tenantFacts(record.tenant),
    secretId: record.secretId,
    linkedKeyIds: [record.inferenceKey?.id, record.uploadKey?.id].filter((id) => id !== undefined),
    hasUploadLimits: [
      key.limits,
      record.inferenceKey?.limits,
      record.uploadKey?.limits,
      record.tenant.limits,
      record.tenant.ceiling,
    ].some((limits) => uploadLimitsOf(limits) !== undefined),
    callLimits: limitsOf(record),
    hasBudgets: record.tenant.hasBudgets,
    recomputeAtMs: earliest([inference?.expiresAtMs, upload?.expiresAtMs]),
  };
}

function limitsOf({ key, inferenceKey, uploadKey, tenant }: KeyRecord): CallLimit[] {
  const { tenantId } = key;
  const { id, changedAtMs: epoch } = tenant;
  const ofKeys = [key, inferenceKey, uploadKey].flatMap((one) =>
    one === null ? [] : callLimits({ tenantId, owner: 'key', id: one.id, epoch: one.changedAtMs }, keyLimits.parse(one.limits)),
  );
  return [
    ...ofKeys,
    ...callLimits({ tenantId, owner: 'tenant', id, epoch }, keyLimits.parse(tenant.limits)),
    ...callLimits({ tenantId, owner: 'ceiling', id, epoch }, keyLimits.parse(tenant.ceiling)),
  ];
}

function tenantFacts(tenant: StoredTenant): TenantFacts {
  return {
    id: tenant.id,
    slug: tenant.slug,
    state: tenant.state as TenantFacts['state'],
    apiEnabled: tenant.apiEnabled,
    groupsOff: new Set(tenant.routesOff as RouteSwitch[]),
    logsRequests: tenant.requestLogDays !== 0,
    keepsBodies: tenant.requestBodyDays !== null && tenant.requestLogDays !== 0,
  };
}

/** A key's scopes within its preset as the preset is now. */
function ownScopes(key: StoredKey): Set<Scope> {
  const granted = key.scopes.filter(isScope);
  if (key.preset === null) return new Set(granted);
  const preset = new Set<string>(key.presetScopes ?? builtInPreset(key.preset)?.scopes ?? []);
  return new Set(granted.filter((scope) => preset.has(scope)));
}

function conversationScopes(key: StoredKey, inference: StoredKey | null, upload: StoredKey | null): Set<Scope> {
  const own = [...ownScopes(key)].filter((scope) => scope.startsWith('conversations:'));
  const linkedInference = inference === null ? [] : passedOn('inference', [...ownScopes(inference)]);
  const linkedUpload = upload === null ? [] : passedOn('upload', [...ownScopes(upload)]);
  return new Set([...own, ...linkedInference, ...linkedUpload]);
}

/** A link counts while its key is active, unexpired and still of the right purpose. */
function living(key: StoredKey | null, purpose: string, nowMs: number): StoredKey | null {
  if (key === null || key.state !== 'active' || key.purpose !== purpose) return null;
  return key.expiresAtMs !== null && key.expiresAtMs <= nowMs ? null : key;
}

function earliest(times: readonly (number | null | undefined)[]): number | null {
  const set = times.filter((time) => time !== null && time !== undefined);
  return set.length === 0 ? null : Math.min(...set);
}
