import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findFreePort, whyPortIsNotFree } from './free-port.js';

describe('free ports', () => {
  let server: Server;
  let taken: number;

  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    taken = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  it('a port that somebody listens on is not free, and not given when preferred', async () => {
    expect(await whyPortIsNotFree(taken)).toBe('EADDRINUSE');
    expect(await findFreePort(taken)).not.toBe(taken);
  });

  it('a preferred port that is free is given', async () => {
    const port = await findFreePort();
    expect(await findFreePort(port)).toBe(port);
    expect(await whyPortIsNotFree(port)).toBeNull();
  });
});
