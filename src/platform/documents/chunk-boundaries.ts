const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Characters after a place that decide whether it is a boundary. */
const lookAhead = 64;
const sentenceEnd =
  /[.!?\u2026]["'\u201d\u2019)\]]*\s+|[\u3002\uff01\uff1f\uff61]["'\u201d\u2019\u300d\u300f\uff09]*|[\u061f\u06d4\u0964]\s*/gu;

/**
 * The best place to cut `text` in (`from`, `to`]: behind a paragraph, a line, a sentence, a word, a character as
 * people see it; the first of these that there is. Paragraphs, lines and sentences count only behind `from`, which
 * keeps chunks from becoming short. `start` is a place that is known to be between characters.
 */
export function bestCut(text: string, start: number, from: number, to: number): number {
  const coarse = behindLast(text, '\n\n', from, to) ?? behindLast(text, '\n', from, to) ?? behindLastSentence(text, from, to);
  if (coarse !== undefined) return characterBoundary(text, start, coarse);
  const word = boundaryBefore(words, text, start, to);
  return word > from ? characterBoundary(text, start, word) : characterBoundary(text, start, to);
}

/** The best place in [`from`, `to`) to begin what is said again: a paragraph, line, sentence, word or character. */
export function bestStart(text: string, from: number, to: number): number {
  // What ends a sentence may stand before `from`.
  const early = Math.max(0, from - 2);
  const first = text.slice(early, from + Math.ceil((to - from) / 2));
  for (const end of [/\n\n/g, /\n/g, sentenceEnd]) {
    const match = [...first.matchAll(end)].find(({ index, 0: { length } }) => early + index + length >= from);
    if (match !== undefined) return boundaryAfter(graphemes, text, early + match.index + match[0].length);
  }
  const word = boundaryAfter(words, text, from);
  const blanks = /^\s*/.exec(text.slice(word, to))?.[0].length ?? 0;
  return boundaryAfter(graphemes, text, word + blanks);
}

/** The last place up to `at` that is between characters; where one character reaches back to `start`, one that splits it. */
export function characterBoundary(text: string, start: number, at: number): number {
  const boundary = boundaryBefore(graphemes, text, start, at);
  if (boundary > start) return boundary;
  return isInsidePair(text, at) ? at - 1 : at;
}

function behindLast(text: string, mark: string, from: number, to: number): number | undefined {
  // Within the slice alone: a search through the whole text for each chunk would not be linear.
  const at = text.slice(from, to).lastIndexOf(mark);
  return at === -1 ? undefined : from + at + mark.length;
}

function behindLastSentence(text: string, from: number, to: number): number | undefined {
  let found: number | undefined;
  for (const match of text.slice(from, to).matchAll(sentenceEnd)) found = from + match.index + match[0].length;
  return found;
}

/** The beginning of the segment that holds `at`, looking no further back than `start`. */
function boundaryBefore(segmenter: Intl.Segmenter, text: string, start: number, at: number): number {
  if (at >= text.length) return text.length;
  const index = segmenter.segment(text.slice(start, at + lookAhead)).containing(at - start)?.index;
  return index === undefined ? at : start + index;
}

/** `at` itself when it is a boundary, else the next one. */
function boundaryAfter(segmenter: Intl.Segmenter, text: string, at: number): number {
  const back = Math.max(0, at - lookAhead);
  const segment = segmenter.segment(text.slice(back, at + 4 * lookAhead)).containing(at - back);
  if (segment === undefined || back + segment.index === at) return at;
  return back + segment.index + segment.segment.length;
}

function isInsidePair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}
