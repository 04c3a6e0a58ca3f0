/**
 * What JSON says, of unknown shape; undefined where it is none, which no JSON says, or more bytes than a text can hold.
 * Never throws.
 */
export function parsedOrUndefined(json: string | Buffer): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : json.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
