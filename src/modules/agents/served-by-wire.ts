import type { ConnectionPaths } from '../../contracts/connection-paths.js';
import { connectionOptions } from '../../contracts/connections.js';
import { modalities, type Modality } from '../../contracts/scopes.js';
import { factsOfWire, hasDialect } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';

/** Paths of a provider beside those of its wire: whoever names one says that it is served there. */
const paths = {
  chat: [],
  embed: ['embeddings'],
  transcribe: ['transcriptions', 'translations'],
  speech: ['speech'],
  image: ['images', 'image_edits', 'image_variations'],
  moderate: ['moderations'],
} as const satisfies Record<Modality, readonly (keyof ConnectionPaths)[]>;

/**
 * What a connection serves of which nobody says more than its wire: all of OpenAI's API, or the part that the wire has and
 * what a path of its own is named for.
 */
export function servedByWire(wire: string, named: ConnectionPaths): ReadonlySet<Modality> {
  const { serves } = factsOfWire(wire);
  return new Set(
    modalities.filter((modality) => serves.includes(modality) || paths[modality].some((path) => named[path] !== undefined)),
  );
}

/** What of a connection's row says what it can be asked for. */
export interface NamedConnection {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly options: unknown;
}

/**
 * Nothing is asked of a wire that is not OpenAI's which it has no words for.
 * @param param where the connection is named.
 * @throws AppError invalid_value.
 */
export function refuseUnserved({ name, wire, options }: NamedConnection, modality: Modality, param: string): void {
  if (!hasDialect(wire) || servedByWire(wire, connectionOptions.parse(options).paths).has(modality)) return;
  throw new AppError('invalid_value', {
    param,
    message: `The connection "${name}" speaks ${wire}, which cannot be asked for "${modality}".`,
  });
}
