import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../kernel/app-error.js';

/** What is said of a content that is served. */
export interface ServedContent {
  readonly filename: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** How a content is answered. */
export interface ContentReply {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  /** Both ends included; undefined: all of it. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
}

/**
 * Status and headers of a content that a client stored, as a download that no browser shows or runs. One range of bytes may
 * be asked for (RFC 9110, section 14); what is no range of bytes, and several of them, is answered with the whole.
 * @throws AppError range_not_satisfiable for a range that begins behind the end.
 */
export function contentHeaders(asked: IncomingHttpHeaders, { filename, bytes, sha256 }: ServedContent): ContentReply {
  const etag = `"${sha256}"`;
  const range = asked['if-range'] === undefined || asked['if-range'] === etag ? rangeOf(asked.range, bytes) : undefined;
  const length = range === undefined ? bytes : range.end - range.start + 1;
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(length),
      'content-disposition': disposition(filename),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'accept-ranges': 'bytes',
      etag,
      ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${bytes}` }),
    },
    range,
  };
}

function rangeOf(header: string | undefined, bytes: number): ContentReply['range'] {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  if (start >= bytes || (first === '' && Number(last) === 0))
    throw new AppError('range_not_satisfiable', { headers: { 'content-range': `bytes */${bytes}` } });
  return { start, end: first === '' || last === '' ? bytes - 1 : Math.min(bytes - 1, Number(last)) };
}

/** The name in the form that every client reads, and in full (RFC 6266). */
function disposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const full = encodeURIComponent(filename).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${full}`;
}
