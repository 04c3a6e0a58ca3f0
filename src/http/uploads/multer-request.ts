import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/**
 * What multer sees of a request. Multer waits with an error until the request's whole body has come, for which a client
 * may take hours: of a request that says it is not readable it reports at once, and what becomes of the rest is ours to
 * say. The bytes themselves go from the raw request to the parser by multer's own `streamHandler`.
 */
export class MulterRequest extends EventEmitter {
  readonly headers: IncomingHttpHeaders;
  /** Multer puts the fields here. */
  body: unknown = {};
  readonly readable = false;

  constructor(private readonly raw: IncomingMessage) {
    super();
    this.headers = raw.headers;
    raw.on('error', (error) => this.emit('error', error));
    raw.once('aborted', () => this.emit('aborted'));
    raw.once('close', () => this.emit('close'));
    this.on('error', () => undefined);
  }

  get destroyed(): boolean {
    return this.raw.destroyed;
  }

  get readableEnded(): boolean {
    return this.raw.readableEnded;
  }

  unpipe(): this {
    this.raw.unpipe();
    return this;
  }

  resume(): this {
    return this;
  }
}
