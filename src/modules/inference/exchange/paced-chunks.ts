/** So much is read before others go first: a few milliseconds of work, whatever the bytes are. */
const stepBytes = 128 * 1024;

/** Who works on the chunks, and how their source is held back. */
export interface PacedChunksUser {
  onChunk(chunk: Buffer): void;
  /** All chunks have been handed on, and the source has ended. */
  onLast(): void;
  pauseSource(): void;
  resumeSource(): void;
}

/**
 * Hands the chunks of a long reply on in steps, so that nobody waits for whoever reads it: a socket gives two mebibytes in
 * one turn of the event loop. What comes beyond a step waits for the next turn, and the source waits meanwhile.
 */
export class PacedChunks {
  private readonly waiting: Buffer[] = [];
  private stepped = 0;
  private isScheduled = false;
  private hasEnded = false;

  constructor(private readonly user: PacedChunksUser) {}

  /** Some chunks wait for the next step. */
  get isBusy(): boolean {
    return this.waiting.length > 0;
  }

  add(chunk: Buffer): void {
    if (!this.isBusy && this.stepped < stepBytes) this.handOn(chunk);
    else {
      this.waiting.push(chunk);
      this.user.pauseSource();
    }
  }

  /** No further chunk comes. */
  end(): void {
    if (!this.isBusy) this.user.onLast();
    else this.hasEnded = true;
  }

  private handOn(chunk: Buffer): void {
    this.stepped += chunk.length;
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(() => this.step());
    }
    this.user.onChunk(chunk);
  }

  private step(): void {
    this.isScheduled = false;
    this.stepped = 0;
    if (!this.isBusy) return;
    while (this.stepped < stepBytes) {
      const chunk = this.waiting.shift();
      if (chunk === undefined) break;
      this.handOn(chunk);
    }
    if (this.isBusy) return;
    if (this.hasEnded) this.user.onLast();
    else this.user.resumeSource();
  }
}
