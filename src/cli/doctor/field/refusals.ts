import { keyEnds } from '../../../catalog/decide.js';
import type { ErrorCode } from '../../../kernel/error-codes.js';
import { maskCredential } from '../../../kernel/credentials.js';
import { found, type Check, type FieldDiagnosisId } from '../check.js';
import type { Reply } from './http-call.js';
import { ownError, strangerText, type OwnError } from './whose-reply.js';

/** Codes that mean the same wherever they come from; the rest of the table is `call-refused`. */
const byCode: Partial<Readonly<Record<ErrorCode, FieldDiagnosisId>>> = {
  missing_api_key: 'authorization-stripped',
  ip_not_allowed: 'address-not-allowed',
  tenant_suspended: 'tenant-suspended',
  approval_required: 'call-held',
  insufficient_scope: 'scope-missing',
  unknown_url: 'api-switched-off',
  model_not_found: 'model-unknown',
  rate_limit_exceeded: 'rate-limited',
  token_limit_exceeded: 'rate-limited',
  upstream_unavailable: 'provider-down',
  upstream_timeout: 'provider-down',
  upstream_error: 'provider-fails',
  oauth_unavailable: 'provider-login-lost',
  overloaded: 'platform-overloaded',
  internal_error: 'platform-error',
};

const byEnd = Object.entries(keyEnds) as [keyof typeof keyEnds, string][];

/**
 * What a bad answer means. Answers of the same status are told apart by who sent them, by the platform's codes, and for a
 * key by what the platform says to its right secret alone.
 */
export function refusalId(reply: Reply, key: string): FieldDiagnosisId {
  const error = ownError(reply);
  if (error === undefined) return 'reply-of-a-proxy';
  if (error.row === 'invalid_api_key') return keyFault(error, key);
  return byCode[error.row] ?? 'call-refused';
}

function keyFault({ message }: OwnError, key: string): FieldDiagnosisId {
  const end = byEnd.find(([, sentence]) => message.includes(sentence));
  if (end !== undefined) return `key-${end[0]}`;
  // The platform shows the key that it got, masked: another one was put in its place.
  return message.includes(maskCredential(key)) ? 'key-unknown' : 'authorization-stripped';
}

/** A bad answer as a finding. */
export function refused(check: string, reply: Reply, key: string): Check {
  return found(check, refusalId(reply, key), seenIn(reply));
}

/** What the answer says, for a person. */
export function seenIn(reply: Reply): string {
  const error = ownError(reply);
  if (error === undefined) return strangerText(reply);
  const id = error.requestId === null ? '' : ` (${error.requestId})`;
  return `The platform says: ${error.message}${id}`;
}
