/** One change of a row that processes keep in memory: which table, whose, which object. */
export interface Change {
  /** Empty for what belongs to no tenant. */
  readonly tenantId: string;
  readonly kind: string;
  readonly ref: string;
}

/** The changes of each tenant, in their order. Those of what belongs to no tenant stand under the empty name. */
export function byTenant(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.tenantId);
    if (group === undefined) groups.set(change.tenantId, [change]);
    else group.push(change);
  }
  return groups;
}
