import { setImmediate } from 'node:timers/promises';
import { binaryArray } from '../database/binary-array.js';
import { TokenCutter } from './cut-words.js';

/** What one place in a text says of a word: the first marks the word as it is written, the other is its plain form. */
const written = 3 << 14;
const plain = 0;
const placeBits = 0x3fff;

/** The database keeps no more places of a word, counts no further, and takes no more than a megabyte of words. */
const mostPlaces = 255;
const lastPlace = 16_383;
const mostBytes = 900_000;

/** Of Postgres's type `tsvector`. */
const vectorOid = 3614;
/** Other work waits no longer than this. */
const turnMs = 5;

/**
 * The words of a text as the database's `tsvector`, in its binary form: each word in its plain form, a token's words and the
 * whole token. A word stands with the weight A where it is written so; where it is written otherwise (`Straße` for
 * `strasse`), that form is indexed too, with the weight A.
 */
export function wordVector(text: string, cutter = new TokenCutter()): Buffer {
  const vector = new VectorBytes();
  let place = 0;
  for (const { words, compound, joined } of cutter.cut(text)) {
    if (compound !== undefined) vector.add(compound, place + 1, written);
    if (joined !== undefined) vector.add(joined, place + 1, plain);
    for (const { exact, folded } of words) {
      place += 1;
      vector.add(folded, place, exact === folded ? written : plain);
      if (exact !== folded) vector.add(exact, place, written);
    }
  }
  return vector.bytes();
}

class VectorBytes {
  private readonly places = new Map<string, number[]>();
  private used = 0;

  add(word: string, place: number, weight: number): void {
    let places = this.places.get(word);
    if (places === undefined) {
      const used = this.used + 3 * word.length + 8;
      if (used > mostBytes) return;
      this.used = used;
      this.places.set(word, (places = []));
    }
    const at = Math.min(place, lastPlace);
    const last = places.at(-1);
    // A place is told once, with the greater weight.
    if (last !== undefined && (last & placeBits) === at) places[places.length - 1] = Math.max(last, weight | at);
    else if (places.length < mostPlaces) {
      this.used += 2;
      places.push(weight | at);
    }
  }

  bytes(): Buffer {
    const bytes = Buffer.allocUnsafe(4 + this.used);
    let at = bytes.writeInt32BE(this.places.size);
    for (const [word, places] of this.places) {
      at += writeWord(bytes, word, at);
      bytes[at] = 0;
      at = bytes.writeUInt16BE(places.length, at + 1);
      for (const place of places) {
        bytes[at] = place >> 8;
        bytes[at + 1] = place & 0xff;
        at += 2;
      }
    }
    return bytes.subarray(0, at);
  }
}

/** Most words are short and of plain letters: those are written faster sign by sign. */
function writeWord(bytes: Buffer, word: string, at: number): number {
  for (let index = 0; index < word.length; index += 1) {
    const code = word.charCodeAt(index);
    if (code > 0x7f) return bytes.write(word, at);
    bytes[at + index] = code;
  }
  return word.length;
}

/** The vectors of texts as one array of the database's; null for a text of which none is wanted. */
export function vectorArray(vectors: readonly (Buffer | null)[]): Buffer {
  return binaryArray(vectorOid, vectors);
}

/** The vectors of many texts as one array of the database's, giving way to other work now and then. */
export async function wordVectors(texts: readonly string[]): Promise<Buffer> {
  const cutter = new TokenCutter();
  const vectors: Buffer[] = [];
  let turn = performance.now();
  for (const text of texts) {
    vectors.push(wordVector(text, cutter));
    if (performance.now() - turn < turnMs) continue;
    await setImmediate();
    turn = performance.now();
  }
  return vectorArray(vectors);
}
