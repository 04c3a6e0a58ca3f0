/** Below this a loop over bytes beats `Buffer.copy`. */
const SHORT_COPY_BYTES = 24;

/**
 * Gathers spans of buffers and hands them out as one buffer: without a copy when they turn out to be one span, else in
 * one copy of the exact length. Reused from call to call.
 */
export class ByteRuns {
  private readonly sources: (Buffer | undefined)[] = [];
  /** Start and end of each span in turn. */
  private readonly bounds: number[] = [];
  private count = 0;
  private bytes = 0;

  /** Appends a span; one that continues the last span of the same buffer only makes that longer. */
  add(source: Buffer, start: number, end: number): void {
    if (start === end) return;
    this.bytes += end - start;
    const last = this.count - 1;
    if (last >= 0 && this.sources[last] === source && this.bounds[2 * last + 1] === start) {
      this.bounds[2 * last + 1] = end;
      return;
    }
    this.sources[this.count] = source;
    this.bounds[2 * this.count] = start;
    this.bounds[2 * this.count + 1] = end;
    this.count++;
  }

  /** Everything added since the last take, null when that is nothing. */
  take(): Buffer | null {
    if (this.count === 0) return null;
    const first = this.sources[0] as Buffer;
    const taken = this.count === 1 ? first.subarray(this.bounds[0], this.bounds[1]) : this.gather();
    // The arrays keep their room for the next call, not the buffers.
    for (let index = 0; index < this.count; index++) this.sources[index] = undefined;
    this.count = this.bytes = 0;
    return taken;
  }

  private gather(): Buffer {
    const result = Buffer.allocUnsafe(this.bytes);
    let write = 0;
    for (let index = 0; index < this.count; index++) {
      const source = this.sources[index] as Buffer;
      const end = this.bounds[2 * index + 1] as number;
      let read = this.bounds[2 * index] as number;
      if (end - read > SHORT_COPY_BYTES) write += source.copy(result, write, read, end);
      else while (read < end) result[write++] = source[read++] as number;
    }
    return result;
  }
}
