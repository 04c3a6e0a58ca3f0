import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../config/load-config.js';
import { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics.js';
import { ApprovalRunner } from '../modules/approvals/approval-runner.js';
import { IsolationGate } from '../modules/system/isolation-gate.js';
import { ApiModule } from './api.module.js';
import { ReplyFrame } from '../http/reply/reply-frame.js';
import { SocketDoor } from '../http/sockets/socket-door.js';
import { createApi } from '../http/create-api.js';
import { onSignals } from '../kernel/on-signals.js';

export interface RunningApi {
  readonly app: NestFastifyApplication;
  /** `http://host:port`, without a path. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the API process: routes against the table, isolation proved, then listening. SIGTERM stops it: it goes on answering
 * for GT_SHUTDOWN_DELAY_MS while `/readyz` is 503 and each connection ends with its next reply; then it takes no new
 * requests, open ones and streams end within GT_SHUTDOWN_GRACE_MS, and the journal is drained. SIGINT stops it without the
 * delay: a person waits for it.
 */
export async function startApi(config: Config): Promise<RunningApi> {
  const app = await createApi(ApiModule.with(config), config);
  await app.init();
  await app.get(IsolationGate).check();
  const connections = openConnections(app.getHttpServer());
  const url = await listen(app, config);
  const metricsServer =
    config.GT_METRICS_PORT === undefined ? undefined : serveMetrics(app.get(Metrics), config.GT_HOST, config.GT_METRICS_PORT);
  app.get(Log).info('listening', { url, pid: process.pid });
  const close = stopper(app, config, connections, () => metricsServer?.close());
  const leave = (delayMs: number) => () => void close(delayMs).then(() => process.exit(0));
  const forget = onSignals({ SIGTERM: leave(config.GT_SHUTDOWN_DELAY_MS), SIGINT: leave(0) });
  return { app, url, close: () => close(0).finally(forget) };
}

async function listen(app: NestFastifyApplication, config: Config): Promise<string> {
  try {
    await app.listen({ port: config.GT_PORT, host: config.GT_HOST });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    await app.close();
    if (code === 'EADDRINUSE')
      throw new Error(`Port ${config.GT_PORT} is in use by another program. Free it, or set GT_PORT to another one.`, {
        cause: error,
      });
    if (code === 'EADDRNOTAVAIL') throw new Error(`This machine has no address ${config.GT_HOST} (GT_HOST).`, { cause: error });
    throw error;
  }
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : config.GT_PORT;
  return `http://${config.GT_HOST.includes(':') ? `[${config.GT_HOST}]` : config.GT_HOST}:${port}`;
}

function openConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    // A connection that has declined another protocol begins again.
    if (open.has(socket)) return;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function stopper(
  app: NestFastifyApplication,
  config: Config,
  connections: ReadonlySet<Socket>,
  also: () => void,
): (delayMs: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  return (delayMs) => {
    closing ??= leaveThenStop(app, connections, delayMs, config.GT_SHUTDOWN_GRACE_MS).finally(also);
    return closing;
  };
}

/** Says that it leaves, and goes on answering for as long as load balancers need to hear it. */
async function leaveThenStop(
  app: NestFastifyApplication,
  connections: ReadonlySet<Socket>,
  delayMs: number,
  graceMs: number,
): Promise<void> {
  app.get(ReplyFrame).isLeaving = true;
  if (delayMs > 0) {
    app.get(Log).info('leaving', { delay_ms: delayMs });
    await sleep(delayMs);
  }
  await stop(app, connections, graceMs);
}

/** Stops accepting, lets open replies end, and after the grace period ends the connections that are left. */
async function stop(app: NestFastifyApplication, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const server = app.getHttpServer();
  const drained = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const sockets = app.get(SocketDoor);
  sockets.leave();
  const held = app.get(ApprovalRunner).stop(graceMs);
  // Node calls a connection idle only after its first request; browsers and pools open some ahead and send nothing.
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const hurry = setTimeout(() => {
    sockets.cut();
    server.closeAllConnections();
  }, graceMs);
  await drained;
  await held;
  clearInterval(idle);
  clearTimeout(hurry);
  await app.close();
}

/** Metrics on a port of their own, for scrapers inside the network: no token, only this address. */
function serveMetrics(metrics: Metrics, host: string, port: number): ReturnType<typeof createServer> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return server.listen(port, host);
}
