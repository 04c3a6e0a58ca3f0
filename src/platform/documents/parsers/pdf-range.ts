import type { FileHandle } from 'node:fs/promises';

/** What pdf.js wants to have of a source of bytes. */
interface RangeTransport {
  requestDataRange(begin: number, end: number): void;
  onDataRange(begin: number, chunk: Uint8Array): void;
  abort(): void;
}

/** Gives pdf.js a file piece by piece, where it asks for it: a large PDF of pictures costs little memory. */
export async function rangeOf<T extends RangeTransport>(
  file: FileHandle,
  Transport: new (length: number, initialData: null) => T,
): Promise<T> {
  const { size } = await file.stat();
  const range = new Transport(size, null);
  range.requestDataRange = (begin: number, end: number) => {
    const piece = new Uint8Array(end - begin);
    file.read(piece, 0, piece.length, begin).then(
      ({ bytesRead }) => range.onDataRange(begin, piece.subarray(0, bytesRead)),
      () => range.abort(),
    );
  };
  return range;
}
