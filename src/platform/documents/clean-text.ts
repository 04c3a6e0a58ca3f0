/** Signs of scripts without blanks, where a zero-width space stands for the blank. */
const unspaced = '\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const emptySpace = new RegExp(`(?<![${unspaced}])\u200b|\u200b(?![${unspaced}])`, 'gu');

/**
 * Text as everything behind the parsers wants it: line ends are `\n`, no control characters but tab and line end (the
 * database refuses zero characters) nor the colours of a terminal, no halves of characters, and nothing unseen inside
 * words: soft hyphens, joiners and spaces without width.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|\u2028|\u2029|\f|\v/g, '\n')
    .replace(/\u001b\[[0-9;?]{0,32}[A-Za-z]/g, '')
    .replace(/\u00ad(?:\n[ \t]*(?=\p{L}))?/gu, '')
    .replace(/[\u0000-\u0008\u000e-\u001f\u007f\u180e\u2060\ufeff]/g, '')
    .replace(emptySpace, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Words that a hyphen at a line's end leaves open: `Vor- und Nachteile`, `pre- or postpaid`. */
const joiningWords = 'und|oder|bis|sowie|bzw|and|or|to|et|ou|y|o|e|ed|en|of|och|og|i|a';
const lineEndHyphen = new RegExp(`(?<=\\p{Ll})[-\u2010]\\n[ \\t]*(?!(?:${joiningWords})(?!\\p{L}))(?=\\p{Ll})`, 'gu');

/** The text with the words whole that a hyphen parts at a line's end; only for texts whose lines were set by hand. */
export function joinHyphenated(text: string): string {
  return text.replace(lineEndHyphen, '');
}
