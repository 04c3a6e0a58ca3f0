import type { Readable } from 'node:stream';

/** One line of a text, without its end. */
export interface TextLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** A line is longer than what is read of one. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';

  constructor(readonly number: number) {
    super('A line is too long.');
  }
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines of a text as they come, with one line in memory at a time. A line ends with LF or CRLF; behind the last such end
 * there is a line only if it has bytes. A byte order mark before the first line is left out.
 * @throws LineTooLongError as soon as a line has more than `mostBytes` bytes, and what the content throws.
 */
export async function* textLines(content: Readable, mostBytes: number): AsyncGenerator<TextLine, void> {
  let number = 1;
  let begun: Buffer[] = [];
  let length = 0;
  const take = (piece: Buffer): void => {
    length += piece.length;
    if (length > mostBytes) throw new LineTooLongError(number);
    begun.push(piece);
  };
  for await (const chunk of content as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      take(chunk.subarray(from, end));
      yield { number, bytes: whole(begun, number) };
      [number, begun, length, from] = [number + 1, [], 0, end + 1];
    }
    if (from < chunk.length) take(chunk.subarray(from));
  }
  if (length > 0) yield { number, bytes: whole(begun, number) };
}

function whole(pieces: readonly Buffer[], number: number): Buffer {
  const [only] = pieces;
  let line = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  if (line.at(-1) === carriageReturn) line = line.subarray(0, -1);
  return number === 1 && line.subarray(0, 3).equals(byteOrderMark) ? line.subarray(3) : line;
}
