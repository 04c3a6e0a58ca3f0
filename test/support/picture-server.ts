import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { EgressClient } from '../../src/platform/upstream/egress-client.js';
import { EgressPolicy } from '../../src/platform/upstream/egress-policy.js';
import { selfSigned } from './certificate.js';

/** Beginnings of files by which their types are told. */
export const contents = {
  'image/png': Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
  'image/jpeg': Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'),
  'image/gif': Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
  'image/webp': Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64'),
  'application/pdf': Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'),
} as const;

/** A server of the web, reached under `https://pictures.example.com`. */
export interface PictureServer {
  /** The address of a path on it. */
  at(path: string): string;
  /** Requests that came, the oldest first. */
  readonly asked: readonly http.IncomingMessage[];
  connections(): number;
  /**
   * An egress client that reaches the server: it may call this machine, trusts the server's certificate and takes the server's
   * port for the one of `https`. Everything else of it is the product's.
   */
  readonly client: Pick<EgressClient, 'dispatch' | 'onApplicationShutdown'>;
  close(): Promise<void>;
}

const host = 'pictures.example.com';

export async function startPictureServer(listener: http.RequestListener): Promise<PictureServer> {
  const certificate = selfSigned(host);
  const asked: http.IncomingMessage[] = [];
  let connections = 0;
  const server = https.createServer(certificate, (request, response) => {
    asked.push(request);
    listener(request, response);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const limits = {
    GT_UPSTREAM_CONNECT_MS: 10_000,
    GT_UPSTREAM_FIRST_BYTE_MS: 20_000,
    GT_UPSTREAM_IDLE_MS: 20_000,
    GT_UPSTREAM_TOTAL_MS: 25_000,
    GT_SHUTDOWN_GRACE_MS: 0,
  };
  const policy = new EgressPolicy('127.0.0.0/8', () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]));
  const client = new EgressClient(limits, policy, { ca: certificate.cert });
  return {
    at: (path) => `https://${host}${path}`,
    asked,
    connections: () => connections,
    client: {
      dispatch: (call, handler) => client.dispatch({ ...call, origin: `${call.origin}:${port}` }, handler),
      onApplicationShutdown: () => client.onApplicationShutdown(),
    },
    close: async () => {
      await client.onApplicationShutdown();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers each path with the content of the type that it is called for: `/image/png`. */
export const giveContents: http.RequestListener = (request, response) => {
  const content = contents[(request.url ?? '').slice(1).replace(/\?.*/, '') as keyof typeof contents] as Buffer | undefined;
  if (content === undefined) response.writeHead(404).end();
  else response.end(content);
};
