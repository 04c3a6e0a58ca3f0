const maxLength = 255;
const fallback = 'file';

/** Control characters, and the marks that turn the direction of text: they make a name look like another. */
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** Halves of characters without the other half, which no database takes. */
const halves = /\p{Cs}/gu;

/**
 * A client's file name as text to show: the part after the last slash or backslash, without control characters, at most
 * 255 UTF-16 units, the ending kept; half a character is replaced. It is data; nothing on a disk is ever named by it.
 */
export function cleanFileName(given: string): string {
  const base = given
    .replace(/^.*[/\\]/s, '')
    .replace(unprintable, '')
    .replace(halves, '\uFFFD')
    .trim();
  if (base === '' || base === '.' || base === '..') return fallback;
  return shorten(base);
}

function shorten(name: string): string {
  if (name.length <= maxLength) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 20 ? name.slice(dot) : '';
  return wholeCharacters(name.slice(0, maxLength - ending.length)).trimEnd() + ending;
}

/** A cut may have parted the two halves of a character; the first half is dropped. */
function wholeCharacters(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
