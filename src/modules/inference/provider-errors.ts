import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { UpstreamFailure } from '../../platform/upstream/upstream-call.js';

const maxMessage = 500;
const passed = new Set([400, 413, 422]);

/** What may never reach a caller out of a provider's sentence: addresses, hosts, keys, organisation ids. */
const inside: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi,
  /\b(?:org|proj|user|acct|asst|sess|req)[-_][A-Za-z0-9-]{3,}/g,
  /\b(?:sk|pk|rk|key|gsk|xai|AIza|Bearer)[-_ ][A-Za-z0-9_*.-]{3,}/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\[[0-9a-f]*:[0-9a-f:.]+\](?::\d+)?/gi,
  /\b(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|ai|dev|cloud|app|co|internal|local|lan|example|de|eu|cn|uk|fr|us|azure))\b(?::\d+)?/gi,
];

/** Names that are the provider's and how they are said to the caller. */
export interface NamesToReplace {
  readonly providerModel: string;
  readonly publishedName: string;
}

/** A provider's sentence as a caller may read it: at most 500 characters, without anything of the inside. */
export function scrub(message: string, names: NamesToReplace): string {
  const renamed = message.split(names.providerModel).join(names.publishedName);
  const clean = inside.reduce((text, pattern) => text.replace(pattern, '[removed]'), renamed);
  return clean.length > maxMessage ? `${clean.slice(0, maxMessage - 1)}…` : clean;
}

/**
 * A provider's answer that is no success, as the caller's error (contract section 5). Its 400, 413 and 422 pass code,
 * param and a scrubbed message; its 429 passes with Retry-After, except for its own quota; all else shows nothing.
 */
export function providerError(status: number, headers: IncomingHttpHeaders, body: Buffer, names: NamesToReplace): AppError {
  const told = errorOf(body);
  if (passed.has(status)) {
    const code = typeof told.code === 'string' ? safeWord(told.code) : null;
    return new AppError('invalid_request', {
      status,
      wireCode: code,
      param: typeof told.param === 'string' ? scrub(told.param, names) : null,
      message: typeof told.message === 'string' ? scrub(told.message, names) : 'The model provider refused the request.',
    });
  }
  if (status === 429 && told.code !== 'insufficient_quota' && told.type !== 'insufficient_quota') {
    return new AppError('rate_limit_exceeded', { message: 'The model provider is receiving too many requests. Please try again later.', headers: retryHeaders(headers) });
  }
  return new AppError('upstream_error', { cause: `the provider answered ${status}` });
}

/** A call that got no whole answer, as the caller's error. */
export function failureError(failure: UpstreamFailure): AppError {
  if (failure.kind === 'refused') return new AppError('upstream_unavailable', { cause: failure.cause });
  if (failure.kind === 'broken') return new AppError('upstream_error', { message: 'The connection to the model provider broke.', cause: failure.cause });
  return new AppError('upstream_timeout', { cause: failure.cause });
}

/** How long the provider asks to wait, in milliseconds; undefined when it does not say. */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const milliseconds = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  const given = headers['retry-after'];
  if (given === undefined) return undefined;
  const seconds = Number(given);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const date = Date.parse(given);
  return Number.isNaN(date) ? undefined : Math.max(date - Date.now(), 0);
}

function retryHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const waitMs = retryAfterMs(headers);
  return waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(Math.ceil(waitMs)) };
}

function errorOf(body: Buffer): { readonly message?: unknown; readonly code?: unknown; readonly param?: unknown; readonly type?: unknown } {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as { error?: unknown; message?: unknown; detail?: unknown };
    if (typeof parsed.error === 'object' && parsed.error !== null) return parsed.error;
    return { message: parsed.error ?? parsed.message ?? parsed.detail };
  } catch {
    return {};
  }
}

function safeWord(text: string): string | null {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : null;
}
