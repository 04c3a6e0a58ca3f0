import { request as send, type IncomingMessage, type Server } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { keptOf } from '../../modules/approvals/approval-record.js';
import type { ApprovedCall, MadeCall } from '../../modules/approvals/approved-call.js';

/**
 * Makes approved calls through this process's own server, over connections that never leave it: hooks, guard, gates and
 * handlers see requests like any other. That one is an approved call is known by its connection, which nobody outside can have.
 */
@Injectable()
export class ApprovedCalls {
  private readonly calls = new WeakMap<object, ApprovedCall>();
  private server: Server | undefined;

  /** Says which server answers. To be called before the first call. */
  through(server: Server): void {
    this.server = server;
  }

  /** The approved call of a request, by its connection; undefined for requests of clients. */
  of({ socket }: Pick<IncomingMessage, 'socket'>): ApprovedCall | undefined {
    return this.calls.get(socket);
  }

  /** Makes a call; resolves with the head of its answer. @throws Error where there is none. */
  make(call: ApprovedCall): Promise<MadeCall> {
    const { server } = this;
    if (server === undefined) throw new Error('No server answers approved calls.');
    const [near, far] = duplexPair();
    // Of a pair, a side that is destroyed tells the other nothing.
    far.once('close', () => near.push(null));
    near.once('close', () => far.destroy());
    this.calls.set(far, call);
    server.emit('connection', far);
    return new Promise((resolve, reject) => {
      const { method, head, body, signal } = call;
      const { url: path, headers } = head;
      const sent = send({
        createConnection: () => near,
        method,
        path,
        setHost: false,
        headers: { ...headers, ...(body.length === 0 ? {} : { 'content-length': String(body.length) }), connection: 'close' },
        signal,
      });
      sent.on('error', (error) => {
        near.destroy();
        reject(error);
      });
      sent.on('response', (answer) => resolve(made(answer, near)));
      sent.end(body.length === 0 ? undefined : body);
    });
  }
}

function made(answer: IncomingMessage, connection: Duplex): MadeCall {
  const requestId = answer.headers['x-gt-request-id'];
  return {
    status: answer.statusCode ?? 0,
    headers: keptOf(answer.headers),
    requestId: typeof requestId === 'string' ? requestId : null,
    body: bytesOf(answer, connection),
  };
}

/** @throws Error where the answer breaks off. Whoever stops reading ends the call. */
async function* bytesOf(answer: IncomingMessage, connection: Duplex): AsyncGenerator<Buffer, void> {
  try {
    for await (const bytes of answer) yield bytes as Buffer;
    if (!answer.complete) throw new Error('The answer broke off.');
  } finally {
    connection.destroy();
  }
}
