import type { LanguageModelV3 } from '@ai-sdk/provider';
import type { NamedFile } from './model-request.js';

/** The files that the model's provider does not fetch itself. */
export async function unsupportedFiles<File extends NamedFile>(
  { supportedUrls }: Pick<LanguageModelV3, 'supportedUrls'>,
  files: readonly File[],
): Promise<readonly File[]> {
  if (files.length === 0) return [];
  const supported = Object.entries(await supportedUrls);
  return files.filter(({ url, mediaType }) => {
    const patterns = supported.filter(([types]) => covers(types, mediaType)).flatMap(([, some]) => some);
    return !patterns.some((pattern) => pattern.test(url.toLowerCase()));
  });
}

/** @param types a media type, or `*` in place of all or of its second part. */
function covers(types: string, mediaType: string): boolean {
  const beginning = types === '*' || types === '*/*' ? '' : types.replace(/\*$/, '');
  return mediaType.startsWith(beginning);
}
