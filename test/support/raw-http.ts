import net from 'node:net';

/** One reply as it came over the wire. */
export interface RawReply {
  readonly status: number;
  /** Names in lower case; what stands several times is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The text parsed; undefined when it is no JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a reply is judged by the test
  readonly json: any;
  /** Interim replies (1xx) that came before it. */
  readonly interim: readonly number[];
}

export type HeaderList = readonly (readonly [string, string])[];

const patienceMs = 10_000;

/** Bytes of a request, exactly as given: no header is added. */
export function requestBytes(method: string, target: string, headers: HeaderList, body: string | Buffer = ''): Buffer {
  const head = `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

/** One TCP connection to a server, on which a test may say anything at all. */
export class RawConnection {
  private readonly socket: net.Socket;
  private received: Buffer = Buffer.alloc(0);
  private ended = false;
  private wake: () => void = () => undefined;
  /** Settles when the connection is closed, by either side. */
  readonly closed: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.ended = true;
        this.wake();
        resolve();
      });
    });
    this.socket.once('end', () => {
      this.ended = true;
      this.wake();
    });
  }

  /** Settles when the bytes are with the kernel; false when the connection is gone. */
  send(bytes: string | Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) resolve(false);
      else this.socket.write(bytes, (error) => resolve(error == null));
    });
  }

  /** Ends our side only. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The next reply. @throws Error when none comes in time or the connection ends before it is whole. */
  async reply(options: { readonly head?: boolean } = {}): Promise<RawReply> {
    const interim: number[] = [];
    for (;;) {
      const head = await this.until(() => readHead(this.received));
      this.received = this.received.subarray(head.length);
      if (head.status < 200) {
        interim.push(head.status);
        continue;
      }
      const body = options.head === true || head.status === 204 ? Buffer.alloc(0) : await this.body(head.headers);
      const text = body.toString('utf8');
      return { status: head.status, headers: head.headers, text, json: parsed(text), interim };
    }
  }

  /** Everything that came and was not read as a reply. */
  get rest(): string {
    return this.received.toString('latin1');
  }

  /** Waits until the text has come. @throws Error when it does not. */
  async text(part: string): Promise<void> {
    await this.until(() => (this.received.includes(part) ? true : undefined));
  }

  private async body(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const { 'content-length': length, 'transfer-encoding': encoding } = headers;
    if (encoding === 'chunked') {
      const { bytes, used } = await this.until(() => readChunks(this.received));
      this.received = this.received.subarray(used);
      return bytes;
    }
    const wanted = length === undefined ? undefined : Number(length);
    const bytes = await this.until(() => {
      if (wanted === undefined) return this.ended ? this.received : undefined;
      return this.received.length >= wanted ? this.received.subarray(0, wanted) : undefined;
    });
    this.received = this.received.subarray(bytes.length);
    return bytes;
  }

  private async until<T>(read: () => T | undefined): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = read();
      if (found !== undefined) return found;
      if (this.ended)
        throw new Error(`The connection ended before an answer was whole. Received: ${JSON.stringify(this.rest.slice(0, 300))}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`No answer within ${patienceMs} ms. Received: ${JSON.stringify(this.rest.slice(0, 300))}`)),
          Math.max(deadline - performance.now(), 0),
        );
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** One request on a connection of its own. */
export async function rawCall(url: string, bytes: string | Buffer): Promise<RawReply> {
  const connection = new RawConnection(url);
  try {
    void connection.send(bytes);
    return await connection.reply({ head: bytes.toString().startsWith('HEAD ') });
  } finally {
    connection.destroy();
  }
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${first} `)?.[1]);
  if (Number.isNaN(status)) throw new Error(`No status line: ${first}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { status, headers, length: end + 4 };
}

function readChunks(bytes: Buffer): { readonly bytes: Buffer; readonly used: number } | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { bytes: Buffer.concat(parts), used: next };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
