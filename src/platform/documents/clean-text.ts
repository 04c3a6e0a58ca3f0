/**
 * Text as everything behind the parsers wants it: line ends are `\n`, no control characters but tab and line end (the
 * database refuses zero characters), no halves of characters.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|\u2028|\u2029|\f|\v/g, '\n')
    .replace(/[\u0000-\u0008\u000e-\u001f\u007f\ufeff]/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}
