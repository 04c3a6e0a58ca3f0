import { randomUUID } from 'node:crypto';
import { pageBreak, type ReaderReply } from '../documents/reader-replies.js';

/** A document on its way to the reader. */
export interface OutgoingDocument {
  /** The ending of its name, without a dot; empty where it has none that says a type. The name itself stays here. */
  readonly extension: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** One request as a kind of reader wants it. Paths continue the reader's address. */
export interface ReaderRequest {
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What differs between the servers that can be plugged in. */
export interface ReaderKind {
  request(document: OutgoingDocument): ReaderRequest;
  /** A request that tells whether the server answers. */
  readonly healthPath: string;
  tokenHeader(token: string): Record<string, string>;
  /** The media types of its answers. */
  readonly answers: readonly string[];
  /** As what the parser reads its answers. */
  readonly reply: ReaderReply;
}

/** Apache Tika Server: `PUT /tika` is answered with XHTML, PDFs by pages. It finds out itself what a document is. */
const tika: ReaderKind = {
  request: ({ extension, bytes }) => ({
    method: 'PUT',
    path: '/tika',
    headers: { accept: 'text/html', 'content-disposition': `attachment; filename="${nameOf(extension)}"` },
    body: bytes,
  }),
  healthPath: '/tika',
  tokenHeader: (token) => ({ authorization: `Bearer ${token}` }),
  answers: ['text/html', 'application/xhtml+xml'],
  reply: 'gt/tika-html',
};

/** Docling Serve: `POST /v1/convert/file` is answered with JSON that has the text and, in `json_content`, its pages. */
const docling: ReaderKind = {
  request: (document) => {
    // No document can know it, and so none can end its part early.
    const boundary = `gt-${randomUUID()}`;
    return {
      method: 'POST',
      path: '/v1/convert/file',
      headers: { accept: 'application/json', 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: formOf(boundary, document),
    };
  },
  healthPath: '/health',
  tokenHeader: (token) => ({ 'x-api-key': token }),
  answers: ['application/json'],
  reply: 'gt/docling-json',
};

const doclingFields = [
  ['to_formats', 'md'],
  ['to_formats', 'json'],
  ['image_export_mode', 'placeholder'],
  ['include_images', 'false'],
  ['md_page_break_placeholder', pageBreak],
] as const;

export const readerKinds = { tika, docling } as const satisfies Record<string, ReaderKind>;

function nameOf(extension: string): string {
  return extension === '' ? 'document' : `document.${extension}`;
}

async function* formOf(boundary: string, { extension, bytes }: OutgoingDocument): AsyncGenerator<Uint8Array> {
  const part = (disposition: string): string => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n`;
  const fields = doclingFields.map(([name, value]) => `${part(`name="${name}"`)}\r\n${value}\r\n`).join('');
  const file = part(`name="files"; filename="${nameOf(extension)}"`);
  yield Buffer.from(`${fields}${file}Content-Type: application/octet-stream\r\n\r\n`);
  yield* bytes;
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}
