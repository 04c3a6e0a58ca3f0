/** Letters that no decomposition turns into plain ones. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ς: 'σ',
};
const special = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'g');

/** Accents of Latin, Greek and Cyrillic letters, but for the one that makes й of и; points of Hebrew and Arabic. */
const marks =
  /(?<!и)\u0306|[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]/g;

/** A word in small letters as one finds it who types neither accents nor rare letters: `straße` is `strasse`, `ёж` is `еж`. A word of nothing but accents stays as it is. */
export function foldWord(word: string): string {
  // Most words are of plain letters.
  if (/^[a-z0-9]*$/.test(word)) return word;
  const folded = word
    .replace(special, (letter) => plainLetters[letter] ?? letter)
    .normalize('NFD')
    .replace(marks, '')
    .normalize('NFC');
  return folded === '' ? word : folded;
}
