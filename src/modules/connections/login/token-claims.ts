import { isFields } from '../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';

/**
 * What a token says at a place of its payload, decoded and not verified: it came from its own issuer over our connection.
 * Undefined for a token that is no JWT, and where nothing stands there.
 */
export function claimOf(token: string, path: readonly string[]): unknown {
  const [, payload] = token.split('.');
  let at: unknown = payload === undefined ? undefined : parsedOrUndefined(Buffer.from(payload, 'base64url'));
  for (const name of path) at = isFields(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

/** When a token says that it ends, in Unix seconds. */
export function endOf(token: string): number | undefined {
  const end = claimOf(token, ['exp']);
  return typeof end === 'number' && Number.isFinite(end) && end > 0 ? end : undefined;
}
