import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../../kernel/app-error.js';
import type { ErrorCode } from '../../kernel/error-codes.js';
import { newId } from '../../kernel/ids.js';
import { safetyHeaders } from '../reply/reply-frame.js';

/** How long who is still sending gets to read the answer before the connection is cut. */
const lingerMs = 2_000;

const safetyLines = safetyHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');

interface ParserError extends Error {
  readonly code?: string;
}

const parserCodes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/**
 * Answers what is no HTTP request at all in the envelope too, then ends the connection. Where the answer to an earlier
 * request is already on its way, the connection is cut instead: a reader would take these bytes for a part of it.
 */
export function answerBrokenRequest(error: ParserError, socket: Socket): void {
  if (unread.has(socket)) {
    // Its request was answered already, before its body had come: one request has one answer.
    socket.destroy();
    return;
  }
  const { _httpMessage: open } = socket as Socket & { readonly _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || open?.headersSent === true) {
    socket.destroy();
    return;
  }
  const code = parserCodes[error.code ?? ''] ?? 'invalid_request';
  endWith(socket, new AppError(code, code === 'invalid_request' ? { message: 'The request is not valid HTTP.' } : {}));
}

/** Takes over what Node would answer on its own, without the envelope and before the guard. */
export function installWireAnswers(server: Server): void {
  server.on(
    'checkExpectation',
    (request: IncomingMessage, response: ServerResponse) => void server.emit('request', request, response),
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Who waits with the body is told to go on when someone begins to read it: after the guard, or never.
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue();
    });
    server.emit('request', request, response);
  });
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined);
    endWith(socket, new AppError('method_not_allowed', { message: 'This server is no proxy: it does not answer to CONNECT.' }));
  });
}

/** Connections whose last request was answered while its body had not come to its end. */
const unread = new WeakSet<Socket>();

/** Ends a connection whose request was answered without its body having been read to the end, once that was read. */
export function endUnreadRequest(request: IncomingMessage): void {
  const isOpen = (): boolean => !request.complete && !request.socket.destroyed;
  if (!isOpen()) return;
  const { socket } = request;
  unread.add(socket);
  request.once('end', () => unread.delete(socket));
  // A body that came with the head is complete only when Node has read on in the same piece.
  setImmediate(() => {
    // The connection lives on once the rest has come: the next request may be refused long before the time is over.
    if (isOpen())
      request.once(
        'end',
        cutAfterLinger(socket, () => !request.complete),
      );
  });
}

function endWith(socket: Socket, answer: AppError): void {
  const body = JSON.stringify(answer.body());
  const id = newId('request');
  socket.end(
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${id}\r\nx-gt-request-id: ${id}\r\n${safetyLines}connection: close\r\n\r\n${body}`,
  );
  // Closing over unread bytes would reset the connection, and the answer could be lost on its way.
  socket.resume();
  cutAfterLinger(socket, () => true);
}

/** Cuts the connection after a while, unless that is not wanted any more or the function that is given back was called. */
function cutAfterLinger(socket: Socket, stillWanted: () => boolean): () => void {
  const timer = setTimeout(() => {
    forget();
    if (stillWanted()) socket.destroy();
  }, lingerMs);
  const forget = (): void => {
    clearTimeout(timer);
    socket.off('close', forget);
  };
  socket.once('close', forget);
  return forget;
}
