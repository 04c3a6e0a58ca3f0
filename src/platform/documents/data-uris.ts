/** The beginning of an address that holds its own data, and the data: in base64 also over several lines, or as JSON escapes it. */
const inBase64 =
  /data:[\w.+-]{1,60}\\?\/[\w.+-]{1,100}(?:;[\w.-]{1,60}=[\w."-]{1,60}){0,4};base64,[\w+/=%\\-]*(?:\s{0,4}\n[ \t]{0,40}[\w+/]{40,}={0,2}|\s{0,4}\n[ \t]{0,40}[\w+/]{2,}={1,2})*/gi;
const inPercents = /data:[\w.+-]{1,60}\\?\/[\w.+-]{1,100}(?:;[\w.-]{1,60}(?:=[\w."-]{1,60})?){0,4},[^\s"'()<>\\]{32,}/gi;

/** A text without the pictures and other files that are written into it as `data:` addresses; they are no text. */
export function withoutDataUris(text: string): string {
  return text.includes('data:') || text.includes('DATA:') ? text.replace(inBase64, '').replace(inPercents, '') : text;
}
