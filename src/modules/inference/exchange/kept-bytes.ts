/** More of an answer is not kept: its tokens are counted from so much. */
const mostBytes = 512 * 1024;

/** The beginning of an answer, for counting its tokens should the provider not tell them. */
export class KeptBytes {
  private readonly kept: Buffer[] = [];
  private size = 0;

  get pieces(): readonly Buffer[] {
    return this.kept;
  }

  /** Keeps the next piece, as far as there is room: the part of a longer one in memory of its own. */
  add(piece: Buffer): void {
    const room = mostBytes - this.size;
    if (room <= 0) return;
    this.kept.push(piece.length <= room ? piece : Buffer.from(piece.subarray(0, room)));
    this.size += piece.length;
  }
}
