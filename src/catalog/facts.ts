import type { KeyLimits } from '../contracts/key-limits.js';
import type { PromptPolicy } from '../contracts/prompt-policy.js';
import type { Modality, Purpose, Scope } from '../contracts/scopes.js';
import type { AddressRange } from '../kernel/addresses.js';
import type { RouteSwitch } from './route-row.js';

/** An allowlist of a key: names, or everything, future ones too. */
export type Allowlist = '*' | ReadonlySet<string>;

/** What the permission function must know of a tenant. */
export interface TenantFacts {
  readonly id: string;
  readonly slug: string;
  readonly state: 'active' | 'suspended' | 'disabled';
  readonly apiEnabled: boolean;
  readonly groupsOff: ReadonlySet<RouteSwitch>;
  /** Its calls stand in its request log; absent: they do. */
  readonly logsRequests?: boolean;
  /** Bodies of its calls are kept. */
  readonly keepsBodies?: boolean;
}

/** What the permission function must know of a key, its links already counted in. */
export interface KeyFacts {
  readonly id: string;
  readonly tenantId: string;
  readonly purpose: Purpose;
  readonly state: 'active' | 'disabled' | 'revoked';
  /** Milliseconds since 1970, or null: never. The earlier of the key's and this secret's own end. */
  readonly expiresAtMs: number | null;
  /** What the key grants now: within its preset, and through its living links (contract section 1). */
  readonly effectiveScopes: ReadonlySet<Scope>;
  readonly agents: Allowlist;
  readonly rawModels: Allowlist;
  readonly datasets: Allowlist;
  readonly allowedRanges: readonly AddressRange[];
  readonly promptPolicy: PromptPolicy | null;
  readonly keepAlive: 'comment' | 'empty-chunk' | 'off';
  readonly mayOpenSockets: boolean;
  /** Routes whose calls are held until they are approved: what the key, its living links and its tenant say together. */
  readonly approval: Allowlist;
  readonly limits: KeyLimits;
}

/** What the permission function must know of a published name. */
export interface EndpointFacts {
  readonly name: string;
  readonly kind: 'agent_alias' | 'raw_model';
  readonly modalities: ReadonlySet<Modality>;
  readonly isDefault: boolean;
}

/** True when the list holds the name. */
export function allows(list: Allowlist, name: string): boolean {
  return list === '*' || list.has(name);
}

/** The stored form of an allowlist as the permission function reads it. */
export function allowlist(names: readonly string[]): Allowlist {
  return names.includes('*') ? '*' : new Set(names);
}
