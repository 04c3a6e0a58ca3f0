export interface QueueBounds {
  /** Bytes of everything that waits. */
  readonly bytes: number;
  /** How much waits at all, and of one owner. */
  readonly entries: number;
}

interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
}

interface Line<T> {
  readonly entries: Entry<T>[];
  bytes: number;
}

/** Of the bounds, one owner gets at most this part. */
const share = 1 / 2;

/** A bounded queue of many owners who take turns: whoever puts in much waits for its own, nobody else does. */
export class FairQueue<T> {
  private readonly lines = new Map<string, Line<T>>();
  private bytes = 0;
  private entries = 0;

  constructor(private readonly bounds: QueueBounds) {}

  /** @returns false when it does not fit: all of the queue is full, or its owner's share of it. */
  put(owner: string, value: T, bytes: number): boolean {
    const { bounds } = this;
    const line = this.lines.get(owner) ?? { entries: [], bytes: 0 };
    if (this.entries >= bounds.entries || this.bytes + bytes > bounds.bytes) return false;
    if (line.entries.length >= bounds.entries * share || line.bytes + bytes > bounds.bytes * share) return false;
    line.entries.push({ value, bytes });
    line.bytes += bytes;
    this.bytes += bytes;
    this.entries += 1;
    this.lines.set(owner, line);
    return true;
  }

  /** The first entry of the owner whose turn it is. */
  take(): T | undefined {
    for (const [owner, line] of this.lines) {
      const entry = line.entries.shift();
      this.lines.delete(owner);
      if (entry === undefined) continue;
      line.bytes -= entry.bytes;
      this.bytes -= entry.bytes;
      this.entries -= 1;
      if (line.entries.length > 0) this.lines.set(owner, line);
      return entry.value;
    }
    return undefined;
  }
}
