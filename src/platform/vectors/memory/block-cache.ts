import type { VectorBlock } from './vector-block.js';

/** A target's block with what is known of it. */
export interface CachedBlock {
  readonly key: string;
  readonly tenantId: string;
  readonly block: VectorBlock;
  /** The snapshot of the database that the block shows, and when it was taken; undefined before it was filled. */
  state: { readonly snapshot: string; readonly at: string } | undefined;
  /** Ends when nobody changes the block. */
  busy: Promise<unknown>;
  usedAt: number;
  /** Being filled: it is not thrown out for others. */
  isFilling: boolean;
}

/** A block that nobody searched for so long is free for others, whoever has how much. */
const idleMs = 600_000;

/**
 * Blocks under a bound on their memory. When it is reached, the least recently used block of a tenant that has more than its
 * share leaves; the share is an equal part for each tenant that has blocks. So a tenant within its share always finds
 * room, and one with much takes only what is free or its own.
 */
export class BlockCache {
  private readonly blocks = new Map<string, CachedBlock>();

  constructor(
    private readonly boundBytes: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The block of this key, now the most recently used one. */
  get(key: string): CachedBlock | undefined {
    const cached = this.blocks.get(key);
    if (cached === undefined) return undefined;
    cached.usedAt = this.now();
    this.blocks.delete(key);
    this.blocks.set(key, cached);
    return cached;
  }

  /** Takes in a block that is to be filled. */
  add(key: string, tenantId: string, block: VectorBlock): CachedBlock {
    const cached: CachedBlock = {
      key,
      tenantId,
      block,
      state: undefined,
      busy: Promise.resolve(),
      usedAt: this.now(),
      isFilling: true,
    };
    this.blocks.set(key, cached);
    return cached;
  }

  drop(cached: CachedBlock): void {
    if (this.blocks.get(cached.key) === cached) this.blocks.delete(cached.key);
  }

  /** Makes room for so much more in this block. False when there is none for its tenant now. */
  makeRoom(cached: CachedBlock, bytes: number): boolean {
    this.trim(bytes);
    for (;;) {
      if (this.freeBytes >= bytes) return true;
      const leaving = this.leaving(cached, bytes);
      if (leaving === undefined) return false;
      this.blocks.delete(leaving.key);
    }
  }

  /** Makes so much room, if it can, of vectors that were kept beside signs: they go before any block does. */
  trim(bytes = 0): void {
    for (const { block } of this.blocks.values()) {
      if (this.freeBytes >= bytes) return;
      block.kept.clear();
    }
  }

  get freeBytes(): number {
    return this.boundBytes - this.bytes;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { block } of this.blocks.values()) bytes += block.bytes;
    return bytes;
  }

  private leaving(cached: CachedBlock, bytes: number): CachedBlock | undefined {
    const held = new Map([[cached.tenantId, bytes]]);
    for (const { tenantId, block } of this.blocks.values()) held.set(tenantId, (held.get(tenantId) ?? 0) + block.bytes);
    const share = this.boundBytes / held.size;
    const longAgo = this.now() - idleMs;
    for (const other of this.blocks.values()) {
      if (other === cached || other.isFilling) continue;
      const isOver = (held.get(other.tenantId) ?? 0) > share;
      if (isOver || other.tenantId === cached.tenantId || other.usedAt < longAgo) return other;
    }
    return undefined;
  }
}
