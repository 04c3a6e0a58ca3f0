const dataUrl = /^data:([^,;]*)((?:;[^,;]*)*),/i;

/** What a `data:` address holds; undefined for any other text, and where its content is not base64. */
export function readDataUrl(url: string): { readonly mediaType: string; readonly base64: string } | undefined {
  const head = dataUrl.exec(url.slice(0, 1024));
  if (head === null) return undefined;
  const [whole, mediaType = '', parameters = ''] = head;
  if (!/;base64$/i.test(parameters.trimEnd())) return undefined;
  return { mediaType: mediaType.trim().toLowerCase(), base64: url.slice(whole.length) };
}
