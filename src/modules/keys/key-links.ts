import type { CreateKeyRequest } from '../../contracts/keys.js';
import type { Purpose } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import type { KeyRow } from './key-row.js';

/** The keys that a conversation key takes its permissions from; of other keys both are null. */
export interface KeyLinks {
  readonly inferenceKeyId: string | null;
  readonly uploadKeyId: string | null;
  /** What the inference link holds, living or not: granting the link grants this. */
  readonly scopes: readonly string[];
}

/** Keys of the tenant by the id or name that a request gives. */
export type NamedKeys = ReadonlyMap<string, KeyRow>;

type GivenLinks = CreateKeyRequest['links'] | null;

const none: KeyLinks = { inferenceKeyId: null, uploadKeyId: null, scopes: [] };

/** The ids or names of the keys that links name. */
export function namesInLinks(given: GivenLinks): string[] {
  if (given == null) return [];
  return given.upload == null ? [given.inference] : [given.inference, given.upload];
}

/**
 * The links of a key of this purpose (contract section 1). A linked key is named by id or name.
 * @param known what `namesInLinks` names, as far as the tenant has it.
 * @throws AppError invalid_value for a key that is not the tenant's, is revoked or has another purpose, and for links
 * of a key that takes none; missing_required_parameter when a conversation key has no inference link.
 */
export function linksOf(purpose: Purpose, given: GivenLinks | undefined, known: NamedKeys): KeyLinks {
  if (purpose !== 'conversation') {
    if (given === undefined) return none;
    throw new AppError('invalid_value', { param: 'links', message: 'Only keys of the purpose conversation link other keys.' });
  }
  if (given == null) {
    throw new AppError('missing_required_parameter', {
      param: 'links.inference',
      message: "Missing required parameter: 'links.inference'.",
    });
  }
  const inference = liveKey('inference', given.inference, known);
  const upload = given.upload == null ? undefined : liveKey('upload', given.upload, known);
  return { inferenceKeyId: inference.id, uploadKeyId: upload?.id ?? null, scopes: inference.scopes };
}

function liveKey(as: 'inference' | 'upload', idOrName: string, known: NamedKeys): KeyRow {
  const found = known.get(idOrName);
  if (found !== undefined && found.purpose === as && found.state !== 'revoked') return found;
  throw new AppError('invalid_value', {
    param: `links.${as}`,
    message: `The tenant has no live key of the purpose ${as} with this id or name.`,
  });
}
