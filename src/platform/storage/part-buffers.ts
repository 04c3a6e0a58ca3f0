/**
 * The buffers in which parts of files travel to S3: no more of them in one process than `count`, however many uploads
 * run. Who wants one waits in line.
 */
export class PartBuffers {
  private readonly idle: Buffer[] = [];
  private readonly waiting: (() => void)[] = [];
  private lent = 0;

  constructor(
    private readonly count: number,
    private readonly bytes: number,
  ) {}

  /** Lends a buffer of at least `bytes` to the work. One whose work failed is not lent again: a socket may still read it. */
  async withBuffer<T>(bytes: number, work: (buffer: Buffer) => Promise<T>): Promise<T> {
    if (this.lent >= this.count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.lent += 1;
    try {
      const buffer = (bytes <= this.bytes ? this.idle.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(bytes, this.bytes));
      const result = await work(buffer.subarray(0, bytes));
      if (buffer.length === this.bytes) this.idle.push(buffer);
      return result;
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.lent -= 1;
      else next();
    }
  }
}
