import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request of a form, as far as it has come. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** What has come so far. */
  body(): Buffer;
  /** The body has come to its end. */
  isWhole: boolean;
  /** The connection ended before it had. */
  isBroken: boolean;
}

/** Answers a request; called when its head has come. */
export type FormScript = (request: IncomingMessage, response: ServerResponse, seen: SeenRequest) => void;

export interface FormProvider {
  /** Ends with `/v1`. */
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** The newest request. @throws Error when there is none. */
  last(): SeenRequest;
  answerWith(script: FormScript): void;
  close(): Promise<void>;
}

/** Answers with JSON when the whole form has come. */
export const answered =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): FormScript =>
  (request, response) => {
    request.once('end', () =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body)),
    );
  };

/** A provider that keeps the bytes of each form and answers as the test says, also before the form has come. */
export async function startFormProvider(): Promise<FormProvider> {
  const seen: SeenRequest[] = [];
  let script: FormScript = answered({ text: 'heard' });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const one: SeenRequest = {
      path: request.url ?? '',
      headers: request.headers,
      body: () => Buffer.concat(chunks),
      isWhole: false,
      isBroken: false,
    };
    seen.push(one);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => (one.isWhole = true));
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.once('close', () => (one.isBroken = !one.isWhole));
    script(request, response, one);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    last: () => {
      const last = seen.at(-1);
      if (last === undefined) throw new Error('The provider was not asked.');
      return last;
    },
    answerWith: (next) => {
      script = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const formBoundary = 'form-Boundary-41';

/** A field as its bytes. */
export function fieldPart(name: string, value: string | Buffer): Buffer {
  const head = `--${formBoundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]);
}

/** A file as its bytes. */
export function filePart(name: string, content: Buffer, filename = 'talk.mp3'): Buffer {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${filename}"`;
  const head = `--${formBoundary}\r\n${disposition}\r\nContent-Type: audio/mpeg\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
}

/** A whole form of these parts. */
export function formOf(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from(`--${formBoundary}--\r\n`)]);
}

export const formHeaders = (secret: string): Record<string, string> => ({
  authorization: `Bearer ${secret}`,
  'content-type': `multipart/form-data; boundary=${formBoundary}`,
});
