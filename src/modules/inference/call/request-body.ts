import { AppError } from '../../../kernel/app-error.js';
import { foreignIdNames, refuseForeignIds, type ForeignId } from '../wire/foreign-ids.js';
import type { ScanOptions } from '../wire/json-scan.js';
import { findMember, readBody, readMember, type JsonBody } from '../wire/json-body.js';

export interface KnownOptions extends Pick<ScanOptions, 'messages'> {
  /** True for an object id that is looked up later. */
  readonly isKnown?: ((id: ForeignId) => boolean) | undefined;
}

/**
 * A JSON body with one reading; object ids in it that are not ours are answered like absent objects (contract section 6).
 * It is scanned, not parsed. @throws AppError invalid_request, invalid_value, not_found.
 */
export function readKnownBody(bytes: Buffer, options: KnownOptions = {}): JsonBody {
  const body = readBody(bytes, { watch: foreignIdNames, messages: options.messages });
  refuseForeignIds(body, options.isKnown);
  return body;
}

/** A member that is a text; null stands for an absent one. @throws AppError invalid_value. */
export function textMember(body: JsonBody, name: string): string | undefined {
  const member = findMember(body.scan, name);
  if (member === undefined || member.kind === 'null') return undefined;
  if (member.kind !== 'string') throw invalid(name, 'expected a string');
  return readMember(body.bytes, member) as string;
}

/** A member that is true or false; absent and null are false. @throws AppError invalid_value. */
export function flagMember(body: JsonBody, name: string): boolean {
  const member = findMember(body.scan, name);
  if (member === undefined || member.kind === 'null' || member.kind === 'false') return false;
  if (member.kind !== 'true') throw invalid(name, 'expected a boolean');
  return true;
}

/** The refusal of a request that lacks a member. */
export function missing(param: string): AppError {
  return new AppError('missing_required_parameter', { param, message: `Missing required parameter: '${param}'.` });
}

/** The refusal of a member that the model's provider cannot be asked for. */
export function unsupported(
  param: string,
  message = `Unsupported parameter: '${param}' is not supported with this model.`,
): AppError {
  return new AppError('unsupported_parameter', { param, message });
}

/** The refusal of an address that neither the model's provider nor the agent fetches. */
export function notFetchedHere(param: string): AppError {
  return unsupported(param, `Unsupported parameter: '${param}': ${nobodyFetches}`);
}

/** Why an address is refused that nobody fetches. */
export const nobodyFetches =
  "the model's provider does not fetch this address, and the agent does not fetch it in its place (`fetch_addresses`). Send the data itself.";

/** The refusal of a member's value. */
export function invalid(param: string, what: string): AppError {
  return new AppError('invalid_value', { param, message: `Invalid value for '${param}': ${what}.` });
}
