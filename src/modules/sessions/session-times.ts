/** A session that nobody uses ends after this long, in milliseconds. */
export const idleMs = 12 * 3_600_000;
/** A session lives no longer than this, used or not, in milliseconds. */
export const longestMs = 7 * 86_400_000;
/** How old the noted last use may be before a new one is written, in milliseconds. */
export const notedEveryMs = 300_000;
/** How many sessions a member or an operator's token has at most: a further one ends the oldest. */
export const mostSessions = 20;

/** True when the time of a session is over. Times in milliseconds since 1970. */
export function isOver(session: { readonly lastSeenAtMs: number; readonly expiresAtMs: number }, nowMs: number): boolean {
  return session.expiresAtMs <= nowMs || session.lastSeenAtMs + idleMs <= nowMs;
}
