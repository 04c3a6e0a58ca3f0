import { isFields, type Fields } from '../../kernel/fields.js';
import { EgressError } from '../upstream/json-call.js';
import type { UpstreamFailure } from '../upstream/upstream-call.js';

/** What becomes of a call that a package could not make: the provider's refusal, or a failure of the call. */
export type ModelFault = { readonly refusal: Refusal } | { readonly failure: UpstreamFailure };

/** A refusal as a provider of OpenAI's API would give it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly error: {
    readonly message: string;
    readonly type: string | null;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** A request that a package does not take, refused as its provider would refuse it. */
export class UnsayableRequest extends Error {
  constructor(
    message: string,
    readonly param: string,
  ) {
    super(message);
    this.name = 'UnsayableRequest';
  }
}

/** A reply that no package is given to read. Its message holds nothing of the reply. */
export class UnreadableReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableReply';
  }
}

/** Errors with which a package refuses a request by itself, before anything is sent. */
const ownRefusals: ReadonlyMap<string, string> = new Map([
  ['AI_UnsupportedFunctionalityError', 'unsupported_parameter'],
  ['AI_InvalidPromptError', 'invalid_value'],
  ['AI_InvalidArgumentError', 'invalid_value'],
  ['AI_TooManyEmbeddingValuesForCallError', 'invalid_value'],
  ['UnsayableRequest', 'unsupported_parameter'],
]);

const waits = ['retry-after', 'retry-after-ms'];

/**
 * What an error means that a package has thrown. Nothing of it is kept but its kind, and a refusal's sentence: a package's
 * errors hold the whole request.
 * @param sent something of the request may have reached the provider.
 */
export function faultOf(error: unknown, sent: boolean): ModelFault {
  const chain = chainOf(error);
  const failed = chain.find((one) => one instanceof EgressError);
  if (failed !== undefined) return { failure: failureOf(failed) };
  const unreadable = chain.find((one) => one instanceof UnreadableReply);
  if (unreadable !== undefined) return { failure: { kind: 'broken', sent, cause: unreadable } };
  const { name, message, statusCode, responseHeaders, data, param } = (error ?? {}) as Fields;
  const words = typeof message === 'string' ? message : 'The provider refused the request.';
  if (typeof statusCode === 'number' && statusCode >= 300)
    return { refusal: { status: statusCode, headers: waitsOf(responseHeaders), error: toldError(words, data) } };
  const code = ownRefusals.get(String(name));
  if (code !== undefined)
    return {
      refusal: { status: 400, headers: {}, error: { message: words, type: null, param: textOrNull(param), code } },
    };
  return { failure: { kind: 'broken', sent, cause: new Error(`A package failed with ${String(name)}.`) } };
}

function failureOf({ kind, sent, cause }: EgressError): UpstreamFailure {
  return { kind: kind === 'redirected' || kind === 'too_large' ? 'broken' : kind, sent, cause };
}

/** The error and what has caused it, as far as that is told. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one instanceof Error && chain.length < 8; one = one.cause) chain.push(one);
  return chain;
}

function waitsOf(headers: unknown): Record<string, string> {
  if (!isFields(headers)) return {};
  return Object.fromEntries(waits.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));
}

/** @param data the provider's error as the package has read it. */
function toldError(message: string, data: unknown): Refusal['error'] {
  const inner = isFields(data) && isFields(data['error']) ? data['error'] : data;
  const { type, param, code } = isFields(inner) ? inner : {};
  return { message, type: textOrNull(type), param: textOrNull(param), code: textOrNull(code) };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
