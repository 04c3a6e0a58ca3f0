/** Longer heads are not looked through. */
const maxHeadBytes = 4 * 1024;
/** What a head says of its data's length where whoever wrote it did not know it yet. */
const untold = new Set([0, 0xffffffff]);

/** How long the sound of a WAV file lasts, as its head tells while the file passes; nothing of other files. */
export class WaveLength {
  /** Undefined when all is known that will be. */
  private head: Buffer | undefined = Buffer.alloc(0);
  private cameBytes = 0;
  private byteRate = 0;
  private data: { readonly start: number; readonly bytes: number } | undefined;

  /** The next bytes of the file; they are not kept. */
  add(bytes: Buffer): void {
    this.cameBytes += bytes.length;
    if (this.head === undefined) return;
    this.head = Buffer.concat([this.head, bytes.subarray(0, maxHeadBytes - this.head.length)]);
    if (this.isRead(this.head) || this.head.length === maxHeadBytes) this.head = undefined;
  }

  /** By the bytes that have come, so that nobody has to believe more than the head's byte rate; undefined where it tells none. */
  get seconds(): number | undefined {
    const { data, byteRate } = this;
    if (data === undefined || byteRate === 0) return undefined;
    const came = this.cameBytes - data.start;
    return (untold.has(data.bytes) ? came : Math.min(data.bytes, came)) / byteRate;
  }

  /** True when the head is known up to its data, or is none of a WAV file. */
  private isRead(head: Buffer): boolean {
    const name = (at: number): string => head.toString('latin1', at, at + 4);
    if (head.length < 12) return false;
    if (!/^(?:RIFF|RF64)$/.test(name(0)) || name(8) !== 'WAVE') return true;
    for (let at = 12; at + 8 <= head.length;) {
      const bytes = head.readUInt32LE(at + 4);
      const start = at + 8;
      if (name(at) === 'data') {
        this.data = { start, bytes };
        return true;
      }
      if (name(at) === 'fmt ' && start + 12 <= head.length) this.byteRate = head.readUInt32LE(start + 8);
      at = start + bytes + (bytes % 2);
    }
    return false;
  }
}
