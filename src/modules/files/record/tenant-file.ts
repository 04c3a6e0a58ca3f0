/** A file of the tenant of which nothing is to be made. Reading it belongs to what it is attached to. */
export const readyAtOnce = { state: 'ready', stage: 'done', percent: 100 } as const;

/** When a file is made and when it is removed. @param seconds for which it is kept; undefined: for good. */
export function lastingFor(seconds: number | undefined): { readonly createdAt: Date; readonly expiresAt: Date | null } {
  const createdAt = new Date();
  return { createdAt, expiresAt: seconds === undefined ? null : new Date(createdAt.getTime() + seconds * 1000) };
}
