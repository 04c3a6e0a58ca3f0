const endBytes = 4;

/** Texts one behind the other, and for each the place at which it ends: any run of them can be read without the others. */
export interface PackedTexts {
  readonly texts: Buffer;
  readonly ends: Buffer;
}

/** @param texts together at most 4 GiB. */
export function packedTexts(texts: readonly string[]): PackedTexts {
  const ends = Buffer.alloc(texts.length * endBytes);
  let end = 0;
  texts.forEach((text, at) => {
    end += Buffer.byteLength(text);
    ends.writeUInt32BE(end, at * endBytes);
  });
  return { texts: Buffer.from(texts.join('')), ends };
}

/** Where the ends of the texts `from` to `to` (not included) stand, with the one before them, if there is one. */
export function endsOfRun(from: number, to: number): { readonly start: number; readonly length: number } {
  const first = Math.max(from - 1, 0);
  return { start: first * endBytes, length: (to - first) * endBytes };
}

/** Start and end of each text of the run that begins with `from`. @param ends as {@link endsOfRun} says. */
export function placesOfRun(ends: Uint8Array, from: number): { readonly start: number; readonly end: number }[] {
  const view = Buffer.from(ends.buffer, ends.byteOffset, ends.byteLength);
  const all = Array.from({ length: view.length / endBytes }, (_none, at) => view.readUInt32BE(at * endBytes));
  const starts = from === 0 ? [0, ...all] : all;
  return starts.slice(0, -1).map((start, at) => ({ start, end: starts[at + 1] ?? start }));
}
