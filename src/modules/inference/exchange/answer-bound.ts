const line = Buffer.from('\ndata:');
const first = line.subarray(1);
const newline = line[0];

/** Events that say something else than a part of the answer, at most: how it begins, what it took, and the like. */
const others = 32;

/**
 * How far a streamed answer may go for which a budget has reserved so many tokens. Nothing is parsed: an event with data is one token
 * at least, so an answer with more events than that has surely more tokens.
 */
export class AnswerBound {
  private events = 0;
  private isLineStart = true;

  constructor(private readonly tokens: number) {}

  /** @returns true when the answer has gone beyond. */
  passes(chunk: Buffer): boolean {
    if (chunk.length === 0) return false;
    if (this.isLineStart && chunk.subarray(0, first.length).equals(first)) this.events += 1;
    for (let at = chunk.indexOf(line); at !== -1; at = chunk.indexOf(line, at + line.length)) this.events += 1;
    this.isLineStart = chunk[chunk.length - 1] === newline;
    return this.events > this.tokens + others;
  }
}
