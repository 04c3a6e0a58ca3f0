import type { ErrorCode } from '../kernel/error-codes.js';

/** What a route answers that asks a provider. */
export const providerErrors = [
  'upstream_error',
  'upstream_unavailable',
  'oauth_unavailable',
  'upstream_timeout',
] as const satisfies readonly ErrorCode[];

/** What a route answers that goes on from earlier turns. */
export const turnErrors = [
  'conflict',
  'context_length_exceeded',
  'invalid_encrypted_content',
  'target_not_allowed',
] as const satisfies readonly ErrorCode[];
