import type { VectorBlock } from './vector-block.js';

/** The rows, of any number of blocks, whose bits differ least from the question's. */
export class Shortlist {
  private readonly distances: Uint16Array;
  private readonly rows: Int32Array;
  private readonly blocks: Uint16Array;
  private readonly blockList: VectorBlock[] = [];
  private used = 0;
  /** Rows at this distance or beyond are among the best no more. */
  private bound = Infinity;

  constructor(private readonly size: number) {
    this.distances = new Uint16Array(2 * size);
    this.rows = new Int32Array(2 * size);
    this.blocks = new Uint16Array(2 * size);
  }

  /** Offers `count` rows of a block from `first` on, with their distances. */
  offer(block: VectorBlock, first: number, distances: Uint16Array, count: number): void {
    if (this.blockList.at(-1) !== block) this.blockList.push(block);
    const number = this.blockList.length - 1;
    for (let at = 0; at < count; at += 1) {
      const distance = distances[at] as number;
      if (distance >= this.bound) continue;
      this.distances[this.used] = distance;
      this.rows[this.used] = first + at;
      this.blocks[this.used] = number;
      this.used += 1;
      if (this.used === this.distances.length) this.cut();
    }
  }

  /** At most `size` rows, in no order. */
  *list(): Generator<readonly [VectorBlock, number]> {
    this.cut();
    for (let at = 0; at < this.used; at += 1) {
      const block = this.blockList[this.blocks[at] as number];
      if (block !== undefined) yield [block, this.rows[at] as number];
    }
  }

  /** Keeps the nearest; of those at the bound the ones that came first. */
  private cut(): void {
    if (this.used <= this.size) return;
    const counts = new Uint32Array(65_536);
    for (let at = 0; at < this.used; at += 1)
      counts[this.distances[at] as number] = (counts[this.distances[at] as number] ?? 0) + 1;
    let bound = 0;
    let below = 0;
    for (; below + (counts[bound] ?? 0) <= this.size; bound += 1) below += counts[bound] ?? 0;
    let atBound = this.size - below;
    let to = 0;
    for (let at = 0; at < this.used; at += 1) {
      const distance = this.distances[at] as number;
      if (distance > bound || (distance === bound && (atBound -= 1) < 0)) continue;
      this.distances[to] = distance;
      this.rows[to] = this.rows[at] as number;
      this.blocks[to] = this.blocks[at] as number;
      to += 1;
    }
    this.used = to;
    // Exactly `size` are left: none at the bound can better them.
    this.bound = bound;
  }
}
