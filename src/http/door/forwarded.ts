/** One pair of an element, with the sign before it: `,` begins the next element. */
const pair = /([,;]?)[ \t]*([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s,;"]*)[ \t]*/gy;

/**
 * The hops that a `Forwarded` header tells (RFC 7239), the nearest last; an element that tells none is an empty text. A
 * header that cannot be read tells one hop without an address: believing a part of it would be guessing.
 */
export function forwardedFor(header: string | undefined): string[] | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const hops = [''];
  let read = 0;
  for (const [text, sign, name = '', value = ''] of header.matchAll(pair)) {
    read += text.length;
    if (sign === ',') hops.push('');
    if (name.toLowerCase() === 'for') hops[hops.length - 1] = unquoted(value);
  }
  return read === header.length ? hops : [''];
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
