/**
 * The pieces in which a text is streamed: one word each with the white space before it, or exactly `count` pieces
 * (fewer only when the text has fewer characters). Joined, the pieces are the text; no character is cut in two.
 */
export function chunkText(text: string, count: number | undefined): readonly string[] {
  // Looks at two characters at a time: a pattern for whole words runs out of stack on a word of megabytes, now and then.
  const words = text === '' ? [] : text.split(/(?<=\S)(?=\s)/);
  if (count === undefined || count === words.length) return words;
  if (count < words.length)
    return Array.from({ length: count }, (_unused, index) => words.slice(...share(words.length, count, index)).join(''));
  return evenPieces(text, Math.min(count, text.length));
}

/** Begin and end of the share that the piece at `index` has of `total`. */
function share(total: number, count: number, index: number): [number, number] {
  return [Math.floor((total * index) / count), Math.floor((total * (index + 1)) / count)];
}

function evenPieces(text: string, count: number): string[] {
  const pieces: string[] = [];
  let begin = 0;
  for (let index = 0; index < count; index += 1) {
    let [, end] = share(text.length, count, index);
    if (isLowSurrogate(text.charCodeAt(end))) end += 1;
    if (end > begin) pieces.push(text.slice(begin, end));
    begin = Math.max(begin, end);
  }
  return pieces;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
