/** Media types of the formats in which OpenAI's models speak. */
const types: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};

/** A type of sound with its parameters, and nothing that a header could not hold. */
const sound = /^audio\/[\w.+-]+(\s*;\s*[\w-]+\s*=\s*"?[\w.:-]+"?)*$/i;
const untold = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/** The media type of sound in this format; that of any bytes where nobody knows it. */
export function typeOfFormat(format: string): string {
  return types[format] ?? 'application/octet-stream';
}

/**
 * The media type that the client is told: the provider's own where it is one of sound, that of the asked format where the
 * provider told none; undefined for what is no sound.
 */
export function soundType(given: string, format: string): string | undefined {
  const type = given.trim();
  const name = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (untold.has(name)) return typeOfFormat(format);
  if (!name.startsWith('audio/')) return undefined;
  return sound.test(type) ? type : typeOfFormat(format);
}
