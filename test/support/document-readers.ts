import busboy from 'busboy';
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** What a reader was sent. */
export interface ReaderCall {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  /** The fields of a form, in their order. */
  readonly fields: readonly (readonly [string, string])[];
  readonly filename: string | undefined;
  readonly bytes: number;
  readonly sha256: string;
}

/** Answers by hand, in the place of the reader's own answer. */
export type ReaderScript = (response: ServerResponse, call: ReaderCall) => void;

/**
 * A document reader over real HTTP, which answers as Apache Tika Server 3 or Docling Serve 1 does. The document's pages are what
 * the test says; a page without text is a blank one.
 */
export class StandInReader {
  readonly calls: ReaderCall[] = [];
  pages: readonly string[] = ['The lighthouse of Port Ellery was painted green.'];
  /** Answers the next calls, the first one first; later calls get the usual answer. */
  scripts: ReaderScript[] = [];
  /** How many documents are being read at this moment, and the most at once. */
  running = 0;
  mostRunning = 0;
  private readonly server: Server;

  private constructor(readonly kind: 'tika' | 'docling') {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  static async start(kind: 'tika' | 'docling'): Promise<StandInReader> {
    const reader = new StandInReader(kind);
    await new Promise<void>((resolve) => reader.server.listen(0, '127.0.0.1', resolve));
    return reader;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    if (line === 'GET /tika') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('This is Tika Server.\n');
    if (line === 'GET /health') return void json(response, 200, { status: 'ok' });
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    response.once('close', () => (this.running -= 1));
    const call = await received(request, line).catch(() => undefined);
    if (call === undefined) return;
    this.calls.push(call);
    const script = this.scripts.shift();
    if (script !== undefined) script(response, call);
    else if (line === 'PUT /tika' && this.kind === 'tika') xhtml(response, this.pages);
    else if (line === 'POST /v1/convert/file' && this.kind === 'docling') json(response, 200, converted(this.pages));
    else json(response, 404, { detail: 'Not Found' });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function xhtml(response: ServerResponse, pages: readonly string[]): void {
  const head = '<head>\n<meta name="pdf:PDFVersion" content="1.7"/>\n<title>Scan 0815</title>\n</head>';
  const divs = pages.map((text) => `<div class="page"><p />\n<p>${text}</p>\n</div>\n`).join('');
  response.writeHead(200, { 'content-type': 'text/html;charset=UTF-8' });
  response.end(`<html xmlns="http://www.w3.org/1999/xhtml">\n${head}\n<body>${divs}</body></html>`);
}

/** Docling puts its mark where the page of one item and the next one differ; a blank page has no item. */
function converted(pages: readonly string[]): object {
  const filled = pages.map((text, index) => ({ text, page_no: index + 1 })).filter(({ text }) => text !== '');
  const footers = pages.map((_text, index) => ({
    label: 'page_footer',
    content_layer: 'furniture',
    prov: [{ page_no: index + 1, bbox: {} }],
  }));
  const texts = filled.map(({ text, page_no }) => ({
    label: 'text',
    content_layer: 'body',
    text,
    prov: [{ page_no, bbox: {} }],
  }));
  return {
    document: {
      filename: 'document.pdf',
      md_content: filled.map(({ text }) => text).join('\n\n<!-- gt:page-break -->\n\n'),
      json_content: { schema_name: 'DoclingDocument', texts: [...texts, ...footers], tables: [], pictures: [] },
      html_content: null,
      text_content: null,
      doctags_content: null,
    },
    status: 'success',
    errors: [],
    processing_time: 0.5,
    timings: {},
  };
}

async function received(request: IncomingMessage, line: string): Promise<ReaderCall> {
  const { headers } = request;
  const fields: [string, string][] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  let filename = /filename="([^"]*)"/.exec(headers['content-disposition'] ?? '')?.[1];
  const take = (chunk: Buffer): void => {
    hash.update(chunk);
    bytes += chunk.length;
  };
  if (headers['content-type']?.startsWith('multipart/') === true) {
    const form = busboy({ headers: { 'content-type': headers['content-type'] } }) as unknown as Writable;
    form.on('field', (name: string, value: string) => fields.push([name, value]));
    form.on('file', (name: string, stream: Readable, info: { readonly filename: string; readonly mimeType: string }) => {
      fields.push([name, info.mimeType]);
      ({ filename } = info);
      stream.on('data', take);
    });
    await new Promise((resolve, reject) => request.pipe(form).once('close', resolve).once('error', reject));
  } else for await (const chunk of request) take(chunk as Buffer);
  return { line, headers, fields, filename, bytes, sha256: hash.digest('hex') };
}
