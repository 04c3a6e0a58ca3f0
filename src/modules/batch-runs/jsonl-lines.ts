const lineFeed = 0x0a;
const byteOrderMark = Buffer.from('\uFEFF');

/** One line of a text, without its line break. */
export interface TextLine {
  /** From 1 on; blank lines count. */
  readonly number: number;
  /** Where it begins, in bytes of the whole. */
  readonly offset: number;
  /** Undefined for a line that is longer than a line may be. */
  readonly bytes: Buffer | undefined;
}

/**
 * The lines of a content that are not blank, one after the other; of the content no more than one of them is in memory. A
 * byte order mark at its beginning is passed over.
 * @param mostBytes a line may have.
 */
export async function* linesOf(content: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<TextLine, void> {
  const line = new OpenLine(mostBytes);
  for await (const chunk of content) {
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      line.add(chunk.subarray(from, at));
      from = at + 1;
      const ended = line.end(1);
      if (ended !== undefined) yield ended;
    }
    line.add(chunk.subarray(from));
  }
  const last = line.end(0);
  if (last !== undefined) yield last;
}

class OpenLine {
  private parts: Buffer[] = [];
  private bytes = 0;
  private number = 1;
  private offset = 0;

  constructor(private readonly mostBytes: number) {}

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.bytes += part.length;
    if (this.bytes > this.mostBytes) this.parts = [];
    // The chunk that it is a part of may be used again.
    else this.parts.push(Buffer.from(part));
  }

  /** The line as it is now, if it is not blank; the next one begins behind so many bytes of line break. */
  end(breakBytes: number): TextLine | undefined {
    const { number, bytes, parts } = this;
    const isTooLong = bytes > this.mostBytes;
    const whole = isTooLong ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const mark =
      number === 1 && whole?.subarray(0, byteOrderMark.length).equals(byteOrderMark) === true ? byteOrderMark.length : 0;
    const line = { number, offset: this.offset + mark, bytes: whole?.subarray(mark) };
    this.number += 1;
    this.offset += bytes + breakBytes;
    this.parts = [];
    this.bytes = 0;
    return line.bytes !== undefined && isBlank(line.bytes) ? undefined : line;
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
