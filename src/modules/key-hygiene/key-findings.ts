/** What of a key its findings hang on. Times are in milliseconds since 1970. */
export interface JudgedKey {
  readonly state: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** Scopes of its own that no call needed. */
  readonly unusedScopes: number;
}

export interface FindingBounds {
  readonly unusedDays: number;
  readonly expiringDays: number;
}

export type KeyFinding = 'unused' | 'over_granted' | 'expiring' | 'expired';

const dayMs = 86_400_000;

/** What should be looked after at a key. A revoked key is nobody's care any more, and one that was never used is not over-granted. */
export function findingsOf(key: JudgedKey, { unusedDays, expiringDays }: FindingBounds, nowMs: number): KeyFinding[] {
  if (key.state === 'revoked') return [];
  const isUnused = Math.max(key.lastUsedAtMs ?? 0, key.createdAtMs) + unusedDays * dayMs <= nowMs;
  const leftMs = key.expiresAtMs === null ? Infinity : key.expiresAtMs - nowMs;
  const isOver = leftMs <= 0;
  return [
    ...(isUnused && !isOver ? (['unused'] as const) : []),
    ...(key.lastUsedAtMs !== null && key.unusedScopes > 0 && !isOver ? (['over_granted'] as const) : []),
    ...(!isOver && leftMs <= expiringDays * dayMs ? (['expiring'] as const) : []),
    ...(isOver ? (['expired'] as const) : []),
  ];
}
