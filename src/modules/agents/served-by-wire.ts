import type { ConnectionPaths } from '../../contracts/connections.js';
import { modalities, type Modality } from '../../contracts/scopes.js';

/** What the wires have that speak a part of OpenAI's API alone. */
const ofWire: Readonly<Record<string, readonly Modality[]>> = { chat: ['chat', 'embed'], responses: ['chat'] };

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
  const own = ofWire[wire];
  if (own === undefined) return new Set(modalities);
  return new Set(
    modalities.filter((modality) => own.includes(modality) || paths[modality].some((path) => named[path] !== undefined)),
  );
}
