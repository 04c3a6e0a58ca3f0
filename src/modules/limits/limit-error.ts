import { AppError } from '../../kernel/app-error.js';
import type { CallLimit, LimitKind, LimitOwner } from './call-limit.js';
import type { LimitRefusal } from './lease.js';

const whose: Readonly<Record<LimitOwner, string>> = {
  key: 'this API key',
  endpoint: 'this model',
  tenant: 'this tenant',
  ceiling: 'this tenant on the platform',
};

const counted: Readonly<Record<LimitKind, string>> = {
  requests: 'requests',
  tokens: 'tokens',
  parallel: 'requests at the same time',
};

/** Whether a call was refused for its own size: it can never be let through. */
export function isTooLarge({ code, headers }: AppError): boolean {
  return code === 'token_limit_exceeded' && headers['x-should-retry'] === 'false';
}

/** The answer to a call that a limit refuses: 429 with when to try again, or that it never fits. */
export function limitError({ limit, need, left, waitMs }: LimitRefusal<CallLimit>): AppError {
  const { kind, owner, most } = limit;
  const code = kind === 'tokens' ? 'token_limit_exceeded' : 'rate_limit_exceeded';
  const perMinute = kind === 'parallel' ? '' : ' per min';
  if (waitMs === null) {
    const what = `Request too large for the ${counted[kind]} of ${whose[owner]}${perMinute}: Limit ${most}, Requested ${need}.`;
    const message = kind === 'tokens' ? `${what} Send less, or ask for a shorter answer with max_tokens.` : what;
    return new AppError(code, { message, headers: { 'x-should-retry': 'false' } });
  }
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new AppError(code, {
    message: `Rate limit reached for ${counted[kind]} of ${whose[owner]}${perMinute}: Limit ${most}, Used ${most - left}, Requested ${need}. Please try again in ${seconds}s.`,
    headers: { 'retry-after': String(seconds), 'retry-after-ms': String(waitMs) },
  });
}
