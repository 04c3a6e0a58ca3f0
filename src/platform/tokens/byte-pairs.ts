import type { RankTable } from './rank-table.js';

/** A rank behind all others: these bytes are no token. */
const none = 0x7fffffff;

/** Counts what byte pair encoding makes of runs of a text, of at most so many characters each. */
export class BytePairs {
  private readonly bytes: Buffer;
  /** Where the parts that are left begin; behind the last one, where it ends. */
  private readonly starts: Int32Array;
  /** The rank of each part joined with the next one. */
  private readonly ranks: Int32Array;

  constructor(
    private readonly table: RankTable,
    longestRun: number,
  ) {
    const most = 3 * longestRun;
    this.bytes = Buffer.alloc(most);
    this.starts = new Int32Array(most + 1);
    this.ranks = new Int32Array(most + 1);
  }

  /** Tokens of the run. */
  count(run: string): number {
    const { bytes, table } = this;
    const length = bytes.write(run);
    if (length < 2 || table.rankOf(bytes, 0, length) !== -1) return Math.min(length, 1);
    return this.merged(length);
  }

  /** Joins the pair of the lowest rank, of equal ones the first, until no two parts together are a token. */
  private merged(length: number): number {
    const { starts, ranks } = this;
    let parts = length;
    for (let part = 0; part <= parts; part += 1) starts[part] = part;
    for (let part = 0; part < parts; part += 1) ranks[part] = this.joined(part, parts);
    for (;;) {
      let best = none;
      let at = -1;
      for (let part = 0; part < parts; part += 1) {
        const rank = ranks[part] ?? none;
        if (rank >= best) continue;
        best = rank;
        at = part;
      }
      if (at === -1) return parts;
      starts.copyWithin(at + 1, at + 2, parts + 1);
      ranks.copyWithin(at + 1, at + 2, parts);
      parts -= 1;
      ranks[at] = this.joined(at, parts);
      if (at > 0) ranks[at - 1] = this.joined(at - 1, parts);
    }
  }

  private joined(part: number, parts: number): number {
    if (part + 2 > parts) return none;
    const rank = this.table.rankOf(this.bytes, this.starts[part] ?? 0, this.starts[part + 2] ?? 0);
    return rank === -1 ? none : rank;
  }
}
