import type { KeyLimits } from '../../contracts/key-limits.js';

/** What limits of calls count: those in a minute, their tokens in a minute, and how many run at once. */
export type LimitKind = 'requests' | 'tokens' | 'parallel';

/** Whose limit it is: a key's, a published endpoint's, a tenant's own, or the one that the platform's operators set a tenant. */
export type LimitOwner = 'key' | 'endpoint' | 'tenant' | 'ceiling';

/** What processes take units of ahead. */
export interface LeasedLimit {
  /** Names it over all processes. */
  readonly id: string;
  readonly most: number;
  /** When its owner was last changed, in milliseconds since 1970: the later one holds. */
  readonly epoch: number;
}

/** A limit that calls count against. Its id has the tenant's, its owner and kind. */
export interface CallLimit extends LeasedLimit {
  readonly kind: LimitKind;
  readonly owner: LimitOwner;
  readonly ownerId: string;
}

export interface LimitSubject {
  readonly tenantId: string;
  readonly owner: LimitOwner;
  /** Of the key or the endpoint; the tenant's own for a tenant. */
  readonly id: string;
  readonly epoch: number;
}

const kinds = [
  ['requests', 'requests_per_minute'],
  ['tokens', 'tokens_per_minute'],
  ['parallel', 'parallel_requests'],
] as const satisfies readonly (readonly [LimitKind, keyof KeyLimits])[];

/** The limits of calls among stored limits. */
export function callLimits({ tenantId, owner, id, epoch }: LimitSubject, stored: Partial<KeyLimits>): CallLimit[] {
  return kinds.flatMap(([kind, name]) => {
    const most = stored[name] ?? null;
    return most === null ? [] : [{ id: `${tenantId}/${owner}/${id}/${kind}`, kind, owner, ownerId: id, most, epoch }];
  });
}

/** So many units a limit needs for processes to take some of them ahead. */
export const leasedFrom = 50;
