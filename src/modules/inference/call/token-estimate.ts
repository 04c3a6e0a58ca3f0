const bytesPerToken = 4;
/** What an image, a sound or a file counts, however many bytes stand for it. */
const tokensPerAttachment = 1_000;
/** Roles and brackets around each object. */
const tokensPerObject = 4;
const attachments = new Set(['image_url', 'input_audio', 'file_data']);

/**
 * About how many tokens a model reads in these messages or items: a quarter of the bytes of their texts. Exact counting
 * would cost more than the history that one token more or less decides on.
 */
export function estimateTokens(value: unknown): number {
  if (typeof value === 'string') return Math.ceil(Buffer.byteLength(value) / bytesPerToken);
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + estimateTokens(element), 0);
  if (typeof value !== 'object' || value === null) return 0;
  let tokens = tokensPerObject;
  for (const [name, member] of Object.entries(value)) {
    tokens += attachments.has(name) && member !== null ? tokensPerAttachment : estimateTokens(member);
  }
  return tokens;
}

/** The same for encoded JSON that is not looked into. */
export function estimateTokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
