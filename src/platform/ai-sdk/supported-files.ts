import type { LanguageModelV3 } from '@ai-sdk/provider';
import type { NamedFile } from './model-request.js';

/** The first of the files that the model's provider does not fetch itself; undefined where it fetches all. */
export async function unsupportedFile(
  { supportedUrls }: Pick<LanguageModelV3, 'supportedUrls'>,
  files: readonly NamedFile[],
): Promise<NamedFile | undefined> {
  if (files.length === 0) return undefined;
  const supported = Object.entries(await supportedUrls);
  return files.find(({ url, mediaType }) => {
    const patterns = supported.filter(([types]) => covers(types, mediaType)).flatMap(([, some]) => some);
    return !patterns.some((pattern) => pattern.test(url.toLowerCase()));
  });
}

/** @param types a media type, or `*` in place of all or of its second part. */
function covers(types: string, mediaType: string): boolean {
  const beginning = types === '*' || types === '*/*' ? '' : types.replace(/\*$/, '');
  return mediaType.startsWith(beginning);
}
