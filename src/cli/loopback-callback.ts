import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError } from './cli-error.js';

/** Waits on the own machine for the browser that comes back from signing in. */
export interface LoopbackCallback {
  /** Where the browser is to be sent. */
  readonly redirectUri: string;
  /** The whole address with which it came. @throws CliError when it does not come in time. */
  arrived(limitMs: number): Promise<string>;
  close(): Promise<void>;
}

const page =
  '<!doctype html><meta charset="utf-8"><title>gt</title><p>You may close this page and go back to the terminal.</p>\n';

/**
 * Listens on 127.0.0.1. @param registered the one address with which the client is registered, where it has one: its port
 * is listened on. @throws CliError when the port is taken.
 */
export async function listenForCallback(registered: string | null): Promise<LoopbackCallback> {
  const wanted = registered === null ? undefined : new URL(registered);
  const path = wanted?.pathname ?? '/callback';
  let arrive: (address: string) => void = () => undefined;
  const arrival = new Promise<string>((resolve) => (arrive = resolve));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', redirectUri);
    if (request.method !== 'GET' || url.pathname !== path) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', connection: 'close' }).end(page);
    arrive(`${redirectUri}${url.search}`);
  });
  await listen(server, wanted === undefined ? 0 : Number(wanted.port === '' ? 80 : wanted.port));
  const redirectUri = wanted?.href ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return {
    redirectUri,
    arrived: (limitMs) => inTime(arrival, limitMs),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** True for an address of the own machine, on which can be listened. */
export function isLoopback(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new CliError(1, [`Port ${port} of this machine is taken. Use --no-listen and paste the address.`], { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
}

function inTime(arrival: Promise<string>, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new CliError(1, ['The browser did not come back in time. Begin again.'])), limitMs);
    void arrival.then((address) => {
      clearTimeout(timer);
      resolve(address);
    });
  });
}
