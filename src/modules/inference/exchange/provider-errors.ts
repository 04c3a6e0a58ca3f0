import type { IncomingHttpHeaders } from 'node:http';
import { AppError, overloaded } from '../../../kernel/app-error.js';
import type { UpstreamFailure } from '../../../platform/upstream/upstream-call.js';
import { readToldError, type ToldError } from '../../../platform/upstream/provider-sentence.js';
import { hideSecrets } from '../../../platform/upstream/hide-secrets.js';
import { scrub, type RenamedModel } from '../../../platform/upstream/scrub.js';
import type { CallRefused } from '../../connections/circuit/circuit.js';
import { quotesHidden } from '../call/hidden-texts.js';
import { askedParam, askedWords, type MemberName } from '../call/member-names.js';
import { ProviderBusy } from '../call/mendable.js';
import { unverifiedSeal } from '../call/unverified-seal.js';
import { withoutPlaces } from './told-places.js';

const passed = new Set([400, 413, 422]);

/** What is replaced and what is kept back in a provider's sentence. */
export interface NamesToReplace extends RenamedModel {
  /** Texts that no sentence may quote. */
  readonly hidden: readonly string[];
  /** Texts that are taken out of every sentence: secrets of the connection. */
  readonly secrets: readonly string[];
  /** What the client calls members of what was sent. */
  readonly members?: readonly MemberName[];
  /** What was asked stands elsewhere in the body than its client has put it: no place in it may be told. */
  readonly inputMoved?: boolean;
}

/** A provider that asks for more is told of as asking for a day. */
const longestWaitMs = 86_400_000;

const noSentence = 'The model provider refused the request.';

function sentence(said: string, names: NamesToReplace): string {
  return askedWords(ownPlaces(said, names), names.members ?? []);
}

function paramOf(said: string, names: NamesToReplace): string {
  return askedParam(ownPlaces(said, names), names.members ?? []);
}

/** What may be told of the provider's words, in its names of members. */
function ownPlaces(said: string, names: NamesToReplace): string {
  if (quotesHidden(said, names.hidden)) return noSentence;
  const scrubbed = scrub(said, names);
  return names.inputMoved === true ? withoutPlaces(scrubbed) : scrubbed;
}

/**
 * A provider's answer that is no success, as the caller's error (contract section 5). Its 400, 413 and 422 pass code,
 * param and a scrubbed message; its 429 passes with Retry-After, except for its own quota; all else shows nothing.
 */
export function providerError(status: number, headers: IncomingHttpHeaders, body: Buffer, names: NamesToReplace): AppError {
  const told = withoutSecrets(readToldError(body), names.secrets);
  if (passed.has(status)) {
    const param = told.param === undefined ? null : paramOf(told.param, names);
    if (status === 400 && refusesSealed(told)) {
      const message = unverifiedSeal(names.inputMoved === true ? undefined : sealedAt(told));
      return new AppError('invalid_encrypted_content', { param, message });
    }
    return new AppError('invalid_request', {
      status,
      wireCode: told.code === undefined ? null : safeWord(told.code),
      param,
      message: told.message === undefined ? noSentence : sentence(told.message, names),
    });
  }
  if (status === 429 && told.code !== 'insufficient_quota' && told.type !== 'insufficient_quota') {
    return new AppError('rate_limit_exceeded', {
      message: 'The model provider is receiving too many requests. Please try again later.',
      headers: retryHeaders(headers),
      cause: new ProviderBusy('the provider answered 429'),
    });
  }
  return new AppError('upstream_error', { cause: `the provider answered ${status}` });
}

function withoutSecrets(told: ToldError, secrets: readonly string[]): ToldError {
  const hide = (text: string | undefined): string | undefined => (text === undefined ? undefined : hideSecrets(text, secrets));
  return { ...told, message: hide(told.message), code: hide(told.code), param: hide(told.param) };
}

/** True for a provider that cannot open what it was sent sealed, whatever it calls that. */
function refusesSealed({ param = '', message = '' }: ToldError): boolean {
  if (/\bencrypted_content$/.test(param)) return true;
  return /\bencrypted[ _]content\b.{0,200}\b(?:verif|decrypt|pars|invalid)/is.test(message) && !/^include\b/.test(param);
}

/** Which item of the body that was sent holds it, where the provider says so. */
function sealedAt({ param = '', message = '' }: ToldError): number | undefined {
  const at = /\binput\[(\d{1,6})\]/.exec(param) ?? /\binput\[(\d{1,6})\]/.exec(message);
  return at === null ? undefined : Number(at[1]);
}

/** A call that got no whole answer, as the caller's error. */
export function failureError(failure: UpstreamFailure): AppError {
  if (failure.kind === 'busy') return overloaded(failure.cause);
  if (failure.kind === 'refused') return new AppError('upstream_unavailable', { cause: failure.cause });
  if (failure.kind === 'broken')
    return new AppError('upstream_error', { message: 'The connection to the model provider broke.', cause: failure.cause });
  return new AppError('upstream_timeout', { cause: failure.cause });
}

/** A call that the connection's circuit has not let through, as the caller's error. Another provider may be asked. */
export function heldBackError({ refused, waitMs }: CallRefused): AppError {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
  if (refused === 'resting')
    return new AppError('upstream_unavailable', {
      message: 'The model provider has failed several times and is not asked for a moment. Please try again later.',
      headers,
    });
  return new AppError('overloaded', {
    message: 'The model provider is being asked as often at once as it may be. Please try again.',
    headers,
    cause: new ProviderBusy('the connection has as many calls under way as it may have'),
  });
}

/** How long the provider asks to wait, in milliseconds; undefined when it does not say. */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const waitMs = toldMs(headers);
  return waitMs === undefined || !(waitMs >= 0) ? undefined : Math.min(waitMs, longestWaitMs);
}

function toldMs({ 'retry-after-ms': milliseconds, 'retry-after': given }: IncomingHttpHeaders): number | undefined {
  if (milliseconds !== undefined && Number(milliseconds) >= 0) return Number(milliseconds);
  if (given === undefined) return undefined;
  const seconds = Number(given);
  return Number.isNaN(seconds) ? Math.max(Date.parse(given) - Date.now(), 0) : seconds * 1000;
}

function retryHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const waitMs = retryAfterMs(headers);
  return waitMs === undefined
    ? {}
    : { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(Math.ceil(waitMs)) };
}

function safeWord(text: string): string | null {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : null;
}
