/** Escapes of JSON within a text that is JSON itself, such as arguments of a tool. */
const escapes = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g;
/** What may become one. */
const begun = /\\(?:u[0-9a-fA-F]{0,3})?$/;

/**
 * Reads a text that comes in pieces without its escapes of JSON: each is read as line ends, of its own length, so that `\n`
 * before a name is not its first letter and what an escape parts stays apart. An escaped slash is read as a slash.
 */
export class EscapeReading {
  /** What may begin an escape, at the end of what has come. */
  private open = '';

  /** What a piece is read as, behind the `open` characters before it, which are read anew. */
  push(piece: string): string {
    const text = this.open + piece;
    const read = text.includes('\\') ? text.replace(escapes, readingOf) : text;
    this.open = begun.exec(read)?.[0] ?? '';
    return read;
  }

  /** How many characters at the end of what was read will be read anew. */
  get openLength(): number {
    return this.open.length;
  }
}

function readingOf(escape: string): string {
  return escape === '\\/' ? ' /' : '\n'.repeat(escape.length);
}
