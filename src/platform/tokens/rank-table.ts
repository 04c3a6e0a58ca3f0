/** Slots for each token: with fewer, many looks would meet tokens of other hashes first. */
const slotsPerToken = 2;
const newline = 0x0a;
const space = 0x20;

/**
 * The tokens of an encoding and their ranks, in a few arrays of numbers: as strings in a map they take ten times the memory
 * and the time to load.
 */
export class RankTable {
  /** The bytes of all tokens, one behind the other, in the order of their ranks. */
  private readonly bytes: Buffer;
  /** Where each token begins, by its rank, and behind the last one where it ends. */
  private readonly starts: Uint32Array;
  /** Each rank, plus 1, in the first free slot from that of its hash on; 0 is free. */
  private readonly slots: Int32Array;
  private readonly mask: number;

  /**
   * @param file a `.tiktoken` file: on each line a token in base64, a space and its rank; ranks count from 0.
   * @throws Error when it is none.
   */
  constructor(file: Buffer) {
    const count = linesOf(file);
    const bytes = Buffer.alloc(file.length);
    this.starts = new Uint32Array(count + 1);
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(count * slotsPerToken)));
    this.mask = this.slots.length - 1;
    let end = 0;
    for (let rank = 0, at = 0; rank < count; rank += 1) {
      const gap = file.indexOf(space, at);
      const next = file.indexOf(newline, gap);
      const lineEnd = next === -1 ? file.length : next;
      if (gap === -1 || Number(file.toString('latin1', gap + 1, lineEnd)) !== rank)
        throw new Error(`The token on line ${rank + 1} has not the rank ${rank}.`);
      const start = end;
      end += bytes.write(file.toString('latin1', at, gap), start, 'base64');
      this.starts[rank + 1] = end;
      this.put(hashOf(bytes, start, end), rank);
      at = lineEnd + 1;
    }
    this.bytes = Buffer.from(bytes.subarray(0, end));
  }

  /** The rank of these bytes; -1 where they are no token. */
  rankOf(bytes: Uint8Array, start: number, end: number): number {
    const { slots, mask } = this;
    for (let slot = hashOf(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const rank = (slots[slot] ?? 0) - 1;
      if (rank === -1 || this.isToken(rank, bytes, start, end)) return rank;
    }
  }

  private put(hash: number, rank: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = rank + 1;
  }

  private isToken(rank: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.starts[rank] ?? 0;
    if ((this.starts[rank + 1] ?? 0) - from !== end - start) return false;
    for (let at = start; at < end; at += 1) if (bytes[at] !== this.bytes[from + at - start]) return false;
    return true;
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function linesOf(file: Buffer): number {
  let lines = 1;
  for (let at = file.indexOf(newline); at !== -1; at = file.indexOf(newline, at + 1)) lines += 1;
  return file.at(-1) === newline ? lines - 1 : lines;
}
