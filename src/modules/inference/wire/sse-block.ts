/** The fields of one server-sent event that matter to a chat stream. */
export interface SseFields {
  /** The `data` lines joined by a space, which in JSON stands for the line end; null when the block has none. */
  readonly data: string | null;
  readonly event: string | null;
  /** The value of an `error:` line, which llama.cpp's server writes instead of an event. */
  readonly error: string | null;
}

/**
 * Reads a block that is not the plain single `data:` line: several lines, comments (dropped), other fields (dropped),
 * any line ends, a byte order mark before it. Works on a latin1 string, so every byte survives.
 */
export function readSseBlock(block: string): SseFields {
  const data: string[] = [];
  let event: string | null = null;
  let error: string | null = null;
  const text = block.startsWith('\xef\xbb\xbf') ? block.slice(3) : block;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'error') error = value;
  }
  return { data: data.length === 0 ? null : data.join(' '), event, error };
}
