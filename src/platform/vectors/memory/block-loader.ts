import { readVectorBytes } from '../vector-bytes.js';
import type { BlockCache, CachedBlock } from './block-cache.js';
import type { ChunkKind, ChunkSource, PassageChanges, ReadySet } from './chunk-source.js';
import { setKey } from './passage-set.js';
import type { BlockSet } from './vector-block.js';

/** Sets of one statement. */
const setsAtOnce = 200;

/** A block finds no room beneath the bound of the memory. */
export class NoRoomError extends Error {
  constructor() {
    super('A block of vectors finds no room.');
    this.name = 'NoRoomError';
  }
}

/**
 * Brings a block to the state of a snapshot: what changed is read, all else stays. Searches see the block as it was until
 * all is read. One at a time for each block. @throws NoRoomError, and the database's errors: the block is as it was then.
 */
export async function updateBlock(
  cache: BlockCache,
  cached: CachedBlock,
  kind: ChunkKind,
  source: ChunkSource,
  changes: PassageChanges,
): Promise<void> {
  const { block } = cached;
  const ready = await source.readySets(kind.target, changes.sets);
  const { gone, wanted } =
    changes.sets === undefined ? compared(cached, ready) : { gone: changes.sets.map(setKey), wanted: ready };
  const from = block.next;
  const added = new Map<number, BlockSet>();
  try {
    for (const part of partsOf(wanted)) await readSets(cache, cached, kind, source, part, added);
  } catch (error) {
    block.rollback(from);
    throw error;
  }
  block.commit(added, gone);
  cached.state = changes;
}

/** Which sets of the block are gone or others, and which it has not. */
function compared({ block }: CachedBlock, ready: readonly ReadySet[]): { gone: string[]; wanted: ReadySet[] } {
  const versions = new Map(ready.map((set) => [setKey(set), set.version]));
  return {
    gone: [...block.keys()].filter((key) => versions.get(key) !== block.versionOf(key)),
    wanted: ready.filter((set) => block.versionOf(setKey(set)) !== set.version),
  };
}

async function readSets(
  cache: BlockCache,
  cached: CachedBlock,
  kind: ChunkKind,
  source: ChunkSource,
  sets: readonly ReadySet[],
  added: Map<number, BlockSet>,
): Promise<void> {
  const { block } = cached;
  const byKey = new Map(sets.map((set) => [setKey(set), set]));
  const vector = new Float32Array(kind.dimensions);
  let last = '';
  let current: { readonly number: number; readonly set: ReadySet; readonly start: number } | undefined;
  const end = (): void => {
    if (current === undefined) return;
    const { number, set, start } = current;
    added.set(number, { ...named(set), start, count: block.next - start });
    current = undefined;
  };
  await source.readChunks(sets, kind, block.hasVectors ? 'vector' : 'signs', (key, ordinal, bytes, numbers) => {
    if (key !== last || current === undefined) {
      end();
      const set = byKey.get(key);
      if (set === undefined) return;
      byKey.delete(key);
      last = key;
      current = { number: block.begin(), set, start: block.next };
    }
    const room = block.bytesForNext;
    if (room > 0 && !cache.makeRoom(cached, room)) throw new NoRoomError();
    if (bytes === undefined) block.addVector(current.number, ordinal, numbers);
    else if (!block.hasVectors) block.addSigns(current.number, ordinal, bytes);
    else {
      readVectorBytes(bytes, 0, vector);
      block.addVector(current.number, ordinal, vector);
    }
  });
  end();
  // A set without vectors is known as such.
  for (const set of byKey.values()) added.set(block.begin(), { ...named(set), start: block.next, count: 0 });
}

function named({ fileId, ingestionId, version }: ReadySet): Omit<BlockSet, 'start' | 'count'> {
  return { fileId, ingestionId, version };
}

/** Sets as many as one statement takes. */
export function partsOf<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += setsAtOnce) parts.push(list.slice(at, at + setsAtOnce));
  return parts;
}
