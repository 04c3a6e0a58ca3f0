import type { CallEnd } from '../../platform/journal/call-record.js';
import { readToldError } from '../../platform/upstream/provider-sentence.js';
import { hideSecrets } from '../../platform/upstream/hide-secrets.js';
import { scrub } from '../../platform/upstream/scrub.js';
import type { ExchangeFailedError } from '../../platform/upstream/whole-exchange.js';
import { answered, failedBy, refusedWith, wronglyAnswered, type CallOutcome } from '../connections/circuit/call-outcome.js';
import type { CallRefused } from '../connections/circuit/circuit.js';
import { EmbeddingError } from './embedding-error.js';
import type { EmbeddingReply } from './embedding-exchange.js';
import { UnreadableVectorsError, vectorsOf } from './embedding-vectors.js';

const maxErrorBytes = 256 * 1024;
const noTokens = { cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 } as const;

/** What one call came to. */
export type Outcome =
  | { readonly vectors: Float32Array[] }
  | {
      readonly vectors?: undefined;
      readonly error: EmbeddingError;
      readonly waitMs?: number | undefined;
      /** The provider's status; undefined when there was no whole answer. */
      readonly status?: number;
    };

/** Which model was asked, and what no sentence of its provider may tell. */
export interface AskedModel {
  readonly model: string;
  readonly secrets: readonly string[];
}

/** What a whole answer means. */
export function judge({ status, headers, body, bytes }: EmbeddingReply, count: number, asked: AskedModel): Outcome {
  if (status >= 200 && status < 300) {
    try {
      return { vectors: vectorsOf(body, count) };
    } catch (error) {
      if (!(error instanceof UnreadableVectorsError)) throw error;
      return {
        error: new EmbeddingError('upstream_error', false, {
          message: 'The embedding model answered with something unreadable.',
          cause: error,
        }),
      };
    }
  }
  if (status === 400 || status === 413 || status === 422) {
    const sentence = sentenceOf(bytes, asked);
    const refused = `The embedding model refused the text (status ${status})`;
    const message = sentence === null ? `${refused}.` : `${refused}: ${sentence}`;
    return { error: new EmbeddingError('invalid_request', false, { message }, { sentence }) };
  }
  const waitMs = waitOf(headers['retry-after-ms'], headers['retry-after']);
  if (status === 429) {
    const retry = waitMs === undefined ? {} : { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } };
    return {
      error: new EmbeddingError('rate_limit_exceeded', true, {
        message: 'The embedding model is receiving too many requests.',
        ...retry,
      }),
      waitMs,
      status,
    };
  }
  const mayPass = status >= 500 || status === 408;
  const cause = `the provider answered ${status}`;
  return {
    error: new EmbeddingError('upstream_error', mayPass, { message: 'The embedding model answered with an error.', cause }),
    waitMs,
    status,
  };
}

/** What the provider says of its refusal, cleaned like every sentence of a provider. */
function sentenceOf(bytes: Buffer, { model, secrets }: AskedModel): string | null {
  const { message } = readToldError(bytes.subarray(0, maxErrorBytes));
  if (message === undefined) return null;
  return scrub(hideSecrets(message, secrets), { providerModel: model, publishedName: 'the model' });
}

/** What it means that there was no whole answer: it may be tried again. */
export function failureOf({ failure: { kind, cause } }: ExchangeFailedError): EmbeddingError {
  if (kind === 'busy') return new EmbeddingError('overloaded', true, { headers: { 'retry-after': '1' }, cause });
  if (kind === 'refused')
    return new EmbeddingError('upstream_unavailable', true, { message: 'The embedding model could not be reached.', cause });
  if (kind === 'broken')
    return new EmbeddingError('upstream_error', true, { message: 'The connection to the embedding model broke.', cause });
  return new EmbeddingError('upstream_timeout', true, { message: 'The embedding model did not answer in time.', cause });
}

/** What it means that the connection's circuit has not let the call through: it may be tried again. */
export function heldBack({ refused, waitMs }: CallRefused): Outcome & { readonly error: EmbeddingError } {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
  const error =
    refused === 'full'
      ? new EmbeddingError('overloaded', true, {
          message: 'The embedding model is being asked as often at once as it may be.',
          headers,
        })
      : new EmbeddingError('upstream_unavailable', true, {
          message: 'The embedding model has failed several times and is not asked for a moment.',
          headers,
        });
  return { error, waitMs };
}

/** What the end of a call says of its connection. */
export function callOutcome(ended: EmbeddingReply | ExchangeFailedError, outcome: Outcome): CallOutcome {
  if (ended instanceof Error) return failedBy(ended.failure.kind);
  if (outcome.vectors !== undefined) return answered;
  const isGood = ended.status >= 200 && ended.status < 300;
  return isGood ? wronglyAnswered : refusedWith(ended.status, outcome.error.code !== 'upstream_error');
}

function waitOf(milliseconds: string | string[] | undefined, seconds: string | undefined): number | undefined {
  const wait = milliseconds === undefined ? Number(seconds ?? NaN) * 1000 : Number(milliseconds);
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined;
}

/** Tokens of a call: the provider's own figures, else those counted here, else none. */
export function tokensOf(reply: EmbeddingReply | undefined, countedTokens: number | undefined) {
  const of = (source: CallEnd['source'], tokens: number) => ({ source, inputTokens: tokens, totalTokens: tokens, ...noTokens });
  if (reply === undefined) return of('none', 0);
  const { usage } = (reply.body ?? {}) as {
    readonly usage?: { readonly prompt_tokens?: unknown; readonly total_tokens?: unknown } | null;
  };
  const told = [usage?.prompt_tokens, usage?.total_tokens].find((count) => typeof count === 'number');
  if (told !== undefined) return of('upstream', told);
  return countedTokens === undefined ? of('none', 0) : of('counted', countedTokens);
}
