/** A copy of its own: a slice that is remembered would keep the whole text it was cut from. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
