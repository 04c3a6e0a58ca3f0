const slotsOfWord = 4;

/**
 * A vector of unit length whose cosine with another follows the words that both texts share: each word, in lower
 * case and without punctuation, adds ±1 in four dimensions that its hash chooses. The same text gives the same
 * vector on every machine. Components are exact 32-bit floats, so both encodings carry the same numbers.
 */
export function textVector(text: string, dimensions: number): Float32Array {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu);
  return vectorOf(words ?? [text], dimensions);
}

/** The same for token ids, each of which counts as a word. */
export function tokenVector(tokens: readonly number[], dimensions: number): Float32Array {
  return vectorOf(
    tokens.map((token) => `#${token}`),
    dimensions,
  );
}

function vectorOf(words: readonly string[], dimensions: number): Float32Array {
  const sums = new Float64Array(dimensions);
  for (const word of words) {
    for (let slot = 0; slot < slotsOfWord; slot += 1) {
      const hash = hashOf(word, slot);
      const at = (hash >>> 1) % dimensions;
      sums[at] = (sums[at] ?? 0) + (hash % 2 === 0 ? 1 : -1);
    }
  }
  let squares = 0;
  for (const sum of sums) squares += sum * sum;
  // Opposite signs can cancel a text out; a fixed direction keeps its length one.
  if (squares === 0) {
    sums[0] = 1;
    squares = 1;
  }
  const length = Math.sqrt(squares);
  return Float32Array.from(sums, (sum) => sum / length);
}

/** FNV-1a over the UTF-16 units, with a final mix so that the low bits are good. */
function hashOf(word: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1);
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
