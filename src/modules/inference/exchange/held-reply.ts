import type { ShareBudget } from '../../../kernel/share-budget.js';
import type { ReplySink } from '../call/reply-sink.js';

/** So little is not worth counting: a connection costs as much. */
const smallBytes = 64 * 1024;

/** The bytes of one reply that this process holds, counted against the budget of all replies until the client has them. */
export class HeldReply {
  private pieces: Buffer[] = [];
  private bytes = 0;
  private counted = 0;

  constructor(
    private readonly budget: ShareBudget,
    readonly tenantId: string,
  ) {}

  /** Bytes that are held or still count. */
  get size(): number {
    return this.bytes;
  }

  /** False when the tenant holds too much already. Of a small reply nothing is counted. */
  add(piece: Buffer): boolean {
    if (!this.count(piece.length)) return false;
    this.pieces.push(piece);
    return true;
  }

  /** The same for bytes that somebody else keeps. */
  count(length: number): boolean {
    const bytes = this.bytes + length;
    if (bytes > smallBytes) {
      if (!this.budget.take(this.tenantId, bytes - this.counted)) return false;
      this.counted = bytes;
    }
    this.bytes = bytes;
    return true;
  }

  /** All pieces as one, which stay held. */
  take(): Buffer {
    const [only] = this.pieces;
    if (this.pieces.length === 1 && only !== undefined) return only;
    const whole = Buffer.concat(this.pieces);
    this.pieces = [whole];
    return whole;
  }

  /** The pieces one by one. They are not held here any more, but counted until they are given back. */
  chunks(): readonly Buffer[] {
    const { pieces } = this;
    this.pieces = [];
    return pieces;
  }

  giveBack(): void {
    this.pieces = [];
    if (this.counted > 0) this.budget.giveBack(this.tenantId, this.counted);
    this.counted = 0;
    this.bytes = 0;
  }

  /** Gives back when the client has all that was sent. */
  giveBackAfter(sink: ReplySink): void {
    if (this.counted === 0) this.giveBack();
    else sink.onFlushed(() => this.giveBack());
  }
}
