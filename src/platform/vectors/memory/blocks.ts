import type pg from 'pg';
import { BlockCache, type CachedBlock } from './block-cache.js';
import { NoRoomError, updateBlock } from './block-loader.js';
import { ChunkSource, type ChunkKind } from './chunk-source.js';
import { Permits } from '../../../kernel/permits.js';
import { VectorBlock } from './vector-block.js';

export interface BlocksOptions {
  /** The most memory that vectors and signs take together. */
  readonly memoryBytes: number;
  /** Fewer vectors than this in a scope are all compared. */
  readonly exactBelow: number;
}

/** A target that is not kept in memory is read for each search; it has about so many vectors. */
export interface Streamed {
  readonly size: number;
}

/** Changes of more sets than this are read without holding up other searches' connections. */
const setsInPlace = 20;
/** Targets that are read into memory at a time. */
const loadsAtOnce = 3;
/** Who found no room tries again after so long. */
const noRoomMs = 30_000;
const mostStreamed = 10_000;

/** What is kept in memory of each target, as the database stands. */
export class Blocks {
  private readonly cache: BlockCache;
  private readonly loading = new Map<string, Promise<void>>();
  private readonly streamed = new Map<string, Streamed & { readonly until: number }>();
  private readonly permits = new Permits(loadsAtOnce);

  constructor(
    private readonly pool: pg.Pool,
    private readonly options: BlocksOptions,
  ) {
    this.cache = new BlockCache(options.memoryBytes);
  }

  /** Bytes that are in use. */
  get bytes(): number {
    return this.cache.bytes;
  }

  /** Gives up vectors that searches kept beyond the bound, each without knowing of the other. */
  trim(): void {
    this.cache.trim();
  }

  /** Bytes that nothing takes now. */
  get freeBytes(): number {
    return this.cache.freeBytes;
  }

  /** Reads the target into memory unless it is there or finds no room. Those who ask meanwhile wait for the same. */
  async prepare(tenantId: string, kind: ChunkKind): Promise<void> {
    const key = keyOf(tenantId, kind);
    const isThere = this.cache.get(key)?.isFilling === false;
    if (isThere || this.streamedOf(key) !== undefined) return;
    let running = this.loading.get(key);
    if (running === undefined) {
      running = this.permits.run(() => this.load(key, tenantId, kind)).finally(() => this.loading.delete(key));
      this.loading.set(key, running);
    }
    await running;
  }

  /**
   * The target as it stands in the source's snapshot or a later one. Undefined: it has to be prepared first, with no
   * connection held.
   */
  async current(tenantId: string, kind: ChunkKind, source: ChunkSource): Promise<VectorBlock | Streamed | undefined> {
    const key = keyOf(tenantId, kind);
    const cached = this.cache.get(key);
    if (cached === undefined || cached.isFilling) return this.streamedOf(key);
    const run = cached.busy.then(() => this.bringUp(cached, kind, source));
    cached.busy = run.catch(() => undefined);
    return (await run) ? cached.block : undefined;
  }

  private streamedOf(key: string): Streamed | undefined {
    const streamed = this.streamed.get(key);
    if (streamed === undefined || streamed.until > performance.now()) return streamed;
    this.streamed.delete(key);
    return undefined;
  }

  /** False: the block is too far behind, or is no more what it should be, and is given up. */
  private async bringUp(cached: CachedBlock, kind: ChunkKind, source: ChunkSource): Promise<boolean> {
    const { block, state } = cached;
    if (state === undefined || cached.isFilling) return false;
    const changes = await source.changes(kind.target, state.snapshot, state.at);
    if (changes.sets?.length === 0) return true;
    if (changes.sets === undefined || changes.sets.length > setsInPlace) {
      cached.isFilling = true;
      return false;
    }
    try {
      await updateBlock(this.cache, cached, kind, source, changes);
    } catch (error) {
      if (!(error instanceof NoRoomError)) throw error;
      this.cache.drop(cached);
      return false;
    }
    return this.settle(cached, block);
  }

  /** A block that has grown keeps signs alone; one that has shrunk is read anew, with its vectors. */
  private settle(cached: CachedBlock, block: VectorBlock): boolean {
    if (block.size >= this.options.exactBelow && block.hasVectors) block.dropVectors();
    if (block.hasVectors || block.size >= this.options.exactBelow) return true;
    this.cache.drop(cached);
    return false;
  }

  private async load(key: string, tenantId: string, kind: ChunkKind): Promise<void> {
    await ChunkSource.read(this.pool, tenantId, async (source) => {
      const count = await source.countChunks(kind.target);
      const everything = await source.everything(kind.target);
      // Most often the first is right; a target of many failed files or of several models may have fewer vectors.
      for (const keepVectors of count < this.options.exactBelow ? [true] : [false, true]) {
        const kept = this.cache.get(key);
        const cached = kept ?? this.cache.add(key, tenantId, new VectorBlock(kind.dimensions, keepVectors));
        try {
          await updateBlock(this.cache, cached, kind, source, everything);
          cached.isFilling = false;
          if (this.settle(cached, cached.block)) return;
        } catch (error) {
          this.cache.drop(cached);
          if (!(error instanceof NoRoomError)) throw error;
          return this.stream(key, count);
        }
      }
    });
  }

  private stream(key: string, size: number): void {
    if (this.streamed.size >= mostStreamed) this.streamed.clear();
    this.streamed.set(key, { size, until: performance.now() + noRoomMs });
  }
}

function keyOf(tenantId: string, { target, model, dimensions }: ChunkKind): string {
  return JSON.stringify([tenantId, target.column, target.id, model, dimensions]);
}
