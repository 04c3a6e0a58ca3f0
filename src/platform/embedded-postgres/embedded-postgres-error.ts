/**
 * What keeps the embedded PostgreSQL from running, as a sentence for the person at the terminal.
 * Every message says what to do instead; the last resort is always DATABASE_URL.
 */
export class EmbeddedPostgresError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

/** The `code` of a system error such as ENOENT, or of a PostgreSQL error such as 3D000; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
