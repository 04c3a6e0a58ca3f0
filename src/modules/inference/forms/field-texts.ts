/** Longer texts pass, but nothing is read from them; nor from what comes when so much was read. */
const maxTextBytes = 8 * 1024;
const maxTextsBytes = 32 * 1024;

/** Reads the texts of a form's short fields while they pass. */
export class FieldTexts {
  private readBytes = 0;
  private open: { readonly pieces: Buffer[]; bytes: number } | undefined;

  /** A field begins. */
  begin(): void {
    this.open = { pieces: [], bytes: 0 };
  }

  /** The next bytes of a part; they count where it is a field. */
  add(bytes: Buffer): void {
    const { open } = this;
    if (open === undefined) return;
    open.bytes += bytes.length;
    if (this.isRead(open)) open.pieces.push(Buffer.from(bytes));
    else open.pieces.length = 0;
  }

  /** The part has ended. @returns its text, undefined for one that is too long; nothing where it was no field. */
  end(): { readonly text: string | undefined } | undefined {
    const { open } = this;
    this.open = undefined;
    if (open === undefined) return undefined;
    if (!this.isRead(open)) return { text: undefined };
    this.readBytes += open.bytes;
    return { text: Buffer.concat(open.pieces).toString('utf8') };
  }

  private isRead({ bytes }: { readonly bytes: number }): boolean {
    return bytes <= maxTextBytes && this.readBytes + bytes <= maxTextsBytes;
  }
}
