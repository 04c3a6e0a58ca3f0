import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';
import type { UpstreamFailure } from '../../platform/upstream/upstream-call.js';
import { quotesHidden } from './hidden-texts.js';

const maxMessage = 500;
const passed = new Set([400, 413, 422]);

/** Longer sentences are cut before they are searched: the patterns take quadratic time on hostile texts. */
const searchedCharacters = 4_000;

const topLevelNames =
  'com|net|org|io|ai|dev|cloud|app|co|internal|local|localdomain|lan|corp|home|svc|example|test|info|biz|xyz|gov|edu|azure|de|eu|cn|uk|fr|us|ch|nl|jp|kr|ru|br|ca|au';

/** What may never reach a caller out of a provider's sentence: addresses, hosts, paths, keys, organisation ids. */
const inside: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi,
  /\b(?:sk|pk|rk|gsk|xai|gtak)[-_][A-Za-z0-9_*.-]{3,}/gi,
  /\bBearer\s+\S+/gi,
  /\b(?:org|proj|acct)[-_][A-Za-z0-9_-]{3,}/g,
  /\b(?:key|user|asst|sess|req)[-_](?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_*-]{6,}/g,
  /\bAIza[A-Za-z0-9_-]{8,}/g,
  /\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\]?(?::\d+)?/gi,
  new RegExp(String.raw`\b(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:${topLevelNames}))\b(?::\d+)?`, 'gi'),
  /\b[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*:\d{2,5}\b/gi,
  /(?<![\w.])\/(?:[\w.-]+\/)+[\w.-]*/g,
];

/** Names that are the provider's and how they are said to the caller. */
export interface NamesToReplace {
  readonly providerModel: string;
  readonly publishedName: string;
  /** Texts that no sentence may quote. */
  readonly hidden: readonly string[];
}

const noSentence = 'The model provider refused the request.';

/** A provider's sentence as a caller may read it: at most 500 characters, without anything of the inside. */
export function scrub(message: string, names: NamesToReplace): string {
  if (quotesHidden(message, names.hidden)) return noSentence;
  const renamed = message.slice(0, searchedCharacters).replace(modelPattern(names.providerModel), () => names.publishedName);
  const clean = inside.reduce((text, pattern) => text.replace(pattern, '[removed]'), renamed);
  return clean.length > maxMessage ? `${clean.slice(0, maxMessage - 1)}…` : clean;
}

/** The provider's model, whole or without the folders of its name, also with the date that many providers add. */
function modelPattern(model: string): RegExp {
  const last = model.slice(model.lastIndexOf('/') + 1);
  const forms = last.length >= 4 && last !== model ? [model, last] : [model];
  const texts = forms.map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(String.raw`(?:${texts.join('|')})(?:[-@]\d{4}-?\d{2}-?\d{2})?`, 'gi');
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
      message: typeof told.message === 'string' ? scrub(told.message, names) : noSentence,
    });
  }
  if (status === 429 && told.code !== 'insufficient_quota' && told.type !== 'insufficient_quota') {
    return new AppError('rate_limit_exceeded', {
      message: 'The model provider is receiving too many requests. Please try again later.',
      headers: retryHeaders(headers),
    });
  }
  return new AppError('upstream_error', { cause: `the provider answered ${status}` });
}

/** A call that got no whole answer, as the caller's error. */
export function failureError(failure: UpstreamFailure): AppError {
  if (failure.kind === 'refused') return new AppError('upstream_unavailable', { cause: failure.cause });
  if (failure.kind === 'broken')
    return new AppError('upstream_error', { message: 'The connection to the model provider broke.', cause: failure.cause });
  return new AppError('upstream_timeout', { cause: failure.cause });
}

/** How long the provider asks to wait, in milliseconds; undefined when it does not say. */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const milliseconds = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  const given = headers['retry-after'];
  if (given === undefined) return undefined;
  const seconds = Number(given);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(given);
  return Number.isNaN(date) ? undefined : Math.max(date - Date.now(), 0);
}

function retryHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const waitMs = retryAfterMs(headers);
  return waitMs === undefined
    ? {}
    : { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(Math.ceil(waitMs)) };
}

function errorOf(body: Buffer): {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly param?: unknown;
  readonly type?: unknown;
} {
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
