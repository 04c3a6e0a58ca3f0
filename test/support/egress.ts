import type { LookupAddress } from 'node:dns';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { EgressClient, type EgressConfig, type EgressOptions } from '../../src/platform/upstream/egress-client.js';
import { EgressPolicy, type Resolve } from '../../src/platform/upstream/egress-policy.js';
import type { UpstreamCall, UpstreamFailure, UpstreamHandle } from '../../src/platform/upstream/upstream-call.js';

/** What one test opened; `close` takes all of it down again. */
export class EgressBench {
  private readonly closers: (() => unknown)[] = [];

  /** A client whose limits are far away unless the test sets them. By default it may call this machine. */
  client(
    setup: { config?: Partial<EgressConfig>; allow?: string; resolve?: Resolve; options?: EgressOptions } = {},
  ): EgressClient {
    const config: EgressConfig = {
      GT_UPSTREAM_CONNECT_MS: 10_000,
      GT_UPSTREAM_FIRST_BYTE_MS: 20_000,
      GT_UPSTREAM_IDLE_MS: 20_000,
      GT_UPSTREAM_TOTAL_MS: 25_000,
      GT_SHUTDOWN_GRACE_MS: 0,
      ...setup.config,
    };
    const client = new EgressClient(config, new EgressPolicy(setup.allow ?? '127.0.0.0/8', setup.resolve), setup.options);
    this.closers.push(() => client.onApplicationShutdown());
    return client;
  }

  /** An HTTP provider; `origin` is its address. */
  async http(
    listener: http.RequestListener,
  ): Promise<{ origin: string; port: number; server: http.Server; connections: () => number }> {
    const server = http.createServer(listener);
    this.closers.push(() => server.closeAllConnections());
    return { ...(await this.listen(server)), server };
  }

  /** A provider on bare TCP: called once per connection, when its first request has come. */
  async raw(
    onRequest: (socket: net.Socket, count: number) => void,
  ): Promise<{ origin: string; port: number; connections: () => number }> {
    let count = 0;
    const server = net.createServer((socket) => {
      this.closers.push(() => socket.destroy());
      socket.on('error', () => undefined);
      socket.once('data', () => onRequest(socket, (count += 1)));
    });
    return this.listen(server);
  }

  /**
   * A provider that answers with `text` and never reads the request: closing over unread bytes is what makes the
   * kernel send a reset without an orderly end before it. `reset` does that to every connection.
   */
  async unreading(text: string): Promise<{ origin: string; reset: () => void }> {
    const sockets: net.Socket[] = [];
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined).write(text);
    });
    const { origin } = await this.listen(server);
    const reset = () => sockets.splice(0).forEach((socket) => socket.destroy());
    this.closers.push(reset);
    return { origin, reset };
  }

  /** Returns when a whole call has gone through the event loop, and with it all that had been sent before. */
  async barrier(client: EgressClient): Promise<void> {
    const other = await this.http((_request, response) => response.end());
    await startCall(client, { origin: other.origin }).done;
  }

  async listen(server: net.Server, host = '127.0.0.1'): Promise<{ origin: string; port: number; connections: () => number }> {
    let connections = 0;
    server.on('connection', () => (connections += 1));
    this.closers.push(() => server.close());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, resolve);
    });
    const { port } = server.address() as AddressInfo;
    return { origin: `http://127.0.0.1:${port}`, port, connections: () => connections };
  }

  async close(): Promise<void> {
    for (const closer of this.closers.splice(0).reverse()) await closer();
  }
}

/** All that a handler was told of one call, in order. */
export interface Heard {
  readonly events: string[];
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  failure: UpstreamFailure | undefined;
}

export interface StartedCall extends UpstreamHandle {
  readonly heard: Heard;
  /** Settles with `onEnd` or `onFailure`. */
  readonly done: Promise<Heard>;
  readonly onFirstData: Promise<void>;
}

/** Starts a call and records what its handler hears. `pauseAtData` pauses from within every chunk. */
export function startCall(
  client: Pick<EgressClient, 'dispatch'>,
  call: Partial<UpstreamCall> & { origin: string },
  { pauseAtData = false } = {},
): StartedCall {
  const heard: Heard = { events: [], status: 0, headers: {}, body: Buffer.alloc(0), failure: undefined };
  let finish: (heard: Heard) => void = () => undefined;
  let first: () => void = () => undefined;
  const done = new Promise<Heard>((resolve) => (finish = resolve));
  const onFirstData = new Promise<void>((resolve) => (first = resolve));
  const handle = client.dispatch(
    { path: '/', method: 'POST', headers: ['content-type', 'application/json'], body: Buffer.from('{}'), ...call },
    {
      onHead: (status, headers) => {
        heard.events.push('head');
        Object.assign(heard, { status, headers });
      },
      onData: (chunk) => {
        heard.events.push('data');
        heard.body = Buffer.concat([heard.body, chunk]);
        if (pauseAtData) handle.pause();
        first();
      },
      onEnd: () => {
        heard.events.push('end');
        finish(heard);
      },
      onFailure: (failure) => {
        heard.events.push('failure');
        heard.failure = failure;
        finish(heard);
      },
    },
  );
  const { pause, resume, cancel } = { pause: () => handle.pause(), resume: () => handle.resume(), cancel: () => handle.cancel() };
  return {
    heard,
    done,
    onFirstData,
    pause,
    resume,
    cancel,
    get sent() {
      return handle.sent;
    },
  };
}

export function addresses(...texts: string[]): LookupAddress[] {
  return texts.map((address) => ({ address, family: net.isIP(address) }));
}

/** Waits for a condition that some event will make true; the test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
