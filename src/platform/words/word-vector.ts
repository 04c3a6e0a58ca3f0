import { setImmediate } from 'node:timers/promises';
import { cutWords } from './cut-words.js';
import { quoteLexeme } from './quote-lexeme.js';

/** What one place in a text says of a word: `A` marks the word as it is written, the other is its plain form. */
type Weight = 'A' | '';

/** The database keeps no more places of a word, counts no further, and takes no more than a megabyte of words. */
const mostPlaces = 255;
const lastPlace = 16_383;
const mostBytes = 900_000;

/**
 * The words of a text as the database's `tsvector`, in its text form: each word in its plain form, a token's words and the
 * whole token. A word stands with the weight A where it is written so; where it is written otherwise (`Straße` for
 * `strasse`), that form is indexed too, with the weight A.
 */
export function wordVector(text: string): string {
  const vector = new VectorText();
  let place = 0;
  for (const { words, compound, joined } of cutWords(text)) {
    if (compound !== undefined) vector.add(compound, place + 1, 'A');
    if (joined !== undefined) vector.add(joined, place + 1, '');
    for (const { exact, folded } of words) {
      place += 1;
      vector.add(folded, place, exact === folded ? 'A' : '');
      if (exact !== folded) vector.add(exact, place, 'A');
    }
  }
  return vector.text();
}

class VectorText {
  private readonly places = new Map<string, string[]>();
  private bytes = 0;

  add(word: string, place: number, weight: Weight): void {
    let places = this.places.get(word);
    if (places === undefined) {
      this.bytes += 3 * word.length + 8;
      if (this.bytes > mostBytes) return;
      this.places.set(word, (places = []));
    }
    if (places.length >= mostPlaces) return;
    this.bytes += 2;
    places.push(`${Math.min(place, lastPlace)}${weight}`);
  }

  text(): string {
    return [...this.places].map(([word, places]) => `${quoteLexeme(word)}:${places.join(',')}`).join(' ');
  }
}

/** The vectors of many texts, giving way to other work after each. */
export async function wordVectors(texts: readonly string[]): Promise<string[]> {
  const vectors: string[] = [];
  for (const text of texts) {
    vectors.push(wordVector(text));
    await setImmediate();
  }
  return vectors;
}
