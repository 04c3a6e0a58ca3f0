import { readToldError } from '../../platform/upstream/provider-sentence.js';
import type { UpstreamFailure } from '../../platform/upstream/upstream-call.js';
import type { WholeReply } from '../../platform/upstream/whole-exchange.js';
import { ProviderFault } from './provider-fault.js';
import { cleanText, type Told } from './told-texts.js';

/** How what a refusal says is cleaned; the secrets of the call come to it. */
export interface Refused extends Omit<Told, 'secrets'> {
  /** The parameters that a refusal may blame; none are told but these. */
  readonly parameters?: ReadonlySet<string>;
}

const maxErrorBytes = 256 * 1024;

/** What an answer means that is no success. */
export function faultOf({ status, headers, bytes }: WholeReply, told: Refused & Told): ProviderFault {
  const waitMs = waitOf(headers['retry-after-ms'], headers['retry-after']);
  const cause = `the provider answered ${status}`;
  if (status === 400 || status === 413 || status === 422 || status === 409) {
    const { message, param, code } = readToldError(bytes.subarray(0, maxErrorBytes));
    const sentence = message === undefined ? 'The provider refused the request.' : cleanText(message, told);
    return new ProviderFault('refused', false, sentence, { param: ourParameter(param, told), code: code ?? null, cause });
  }
  if (status === 404) return gone();
  if (status === 401 || status === 403)
    return new ProviderFault('locked', false, "The provider refused the credentials of the model's connection.", { cause });
  if (status === 429 || status === 503)
    return new ProviderFault('busy', false, 'The provider is receiving too many requests.', { waitMs, cause });
  return new ProviderFault('away', true, 'The provider answered with an error.', { waitMs, cause });
}

export function gone(): ProviderFault {
  return new ProviderFault('absent', false, 'The provider does not know it.', { cause: 'the provider answered 404' });
}

/** What it means that there was no whole answer. */
export function unanswered({ kind, sent, cause }: UpstreamFailure): ProviderFault {
  const message = kind === 'refused' ? 'The provider could not be reached.' : 'The provider did not answer.';
  return new ProviderFault('away', sent, message, { cause });
}

export function unreadable(cause: unknown): ProviderFault {
  return new ProviderFault('unreadable', true, 'The provider answered with something unreadable.', { cause });
}

/** What it means that the connection's circuit has not let the call through. */
export function heldBack(waitMs: number): ProviderFault {
  return new ProviderFault('busy', false, 'The provider is not asked for a moment.', { waitMs });
}

function ourParameter(param: string | undefined, { parameters }: Refused): string | null {
  const first = param?.split('.')[0] ?? '';
  return parameters?.has(first) === true ? first : null;
}

function waitOf(milliseconds: string | string[] | undefined, seconds: string | undefined): number | undefined {
  const wait = milliseconds === undefined ? Number(seconds ?? NaN) * 1000 : Number(milliseconds);
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined;
}
