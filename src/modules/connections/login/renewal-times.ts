/** So long one question to an OAuth server may take. */
export const askMs = 15_000;

/** So long tokens that the provider gave are tried to be stored while the database is away. */
export const storeMs = 60_000;

/**
 * How long nobody else renews a login that a process has begun to renew, in seconds. Where a refresh token may be good once,
 * it ends only after the provider's answer was stored or given up: a second process would show the old one, and the login
 * would be lost. A client asks for other tokens at no risk, so a process that dies blocks it less long.
 */
export const claimSeconds = { byRefreshToken: (askMs + storeMs) / 1000 + 15, byClient: 30 } as const;
