const line = Buffer.from('\ndata:');
const first = line.subarray(1);
const newline = line[0];

/** Events that say something else than a part of the answer, at most: how it begins, what it took, and the like. */
const others = 32;

/** The first so many bytes are counted at once, to know how long an event of this answer is. */
const sampleBytes = 1024;

/** So much of an answer waits to be counted at most. */
const mostWaiting = 256 * 1024;

/**
 * How far a streamed answer may go for which a budget has reserved so many tokens. Nothing is parsed: an event with data is one token
 * at least, so an answer with more events than that has surely more tokens. Events are counted when there may be too many of them, as
 * long as those at the beginning were; most answers are over before.
 */
export class AnswerBound {
  private readonly most: number;
  private bytes = 0;
  private events = 0;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private isLineStart = true;

  constructor(tokens: number) {
    this.most = tokens + others;
  }

  /** @returns true when the answer has gone beyond. */
  passes(chunk: Buffer): boolean {
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    this.bytes += chunk.length;
    if (this.mayWait()) return false;
    for (const one of this.waiting) this.count(one);
    this.waiting = [];
    this.waitingBytes = 0;
    return this.events > this.most;
  }

  private mayWait(): boolean {
    const counted = this.bytes - this.waitingBytes;
    if (counted < sampleBytes || this.events === 0) return false;
    const expected = (this.most - this.events) * (counted / this.events);
    return this.waitingBytes < Math.min(expected * 0.9, mostWaiting);
  }

  private count(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.isLineStart && chunk.subarray(0, first.length).equals(first)) this.events += 1;
    for (let at = chunk.indexOf(line); at !== -1; at = chunk.indexOf(line, at + line.length)) this.events += 1;
    this.isLineStart = chunk[chunk.length - 1] === newline;
  }
}
