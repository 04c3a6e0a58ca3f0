import { createServer } from 'node:net';
import { errorCode } from './embedded-postgres-error.js';

/**
 * Why nothing can listen on this port of this address now: the system's word for it, e.g. EADDRINUSE; null when it is
 * free. Nothing keeps it free afterwards.
 */
export async function whyPortIsNotFree(port: number, host = '127.0.0.1'): Promise<string | null> {
  const found = await listenOnce(port, host);
  return typeof found === 'number' ? null : found;
}

/** A port of 127.0.0.1 that nobody listens on: the preferred one when it is free, else one of the system's choice. */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await whyPortIsNotFree(preferred)) === null) return preferred;
  const port = await listenOnce(0, '127.0.0.1');
  if (typeof port === 'string') throw new Error(`The system gives no free port on 127.0.0.1 (${port}).`);
  return port;
}

function listenOnce(port: number, host: string): Promise<number | string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(errorCode(error) ?? error.message));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 'no port'));
    });
  });
}
