import { randomBase62 } from '../../kernel/ids.js';

/** A new secret for a session: 43 characters of base62, 256 bits. Only its hash is stored. */
export function newSessionSecret(): string {
  return `gtss_${randomBase62(43)}`;
}
