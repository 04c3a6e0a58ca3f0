import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../src/kernel/ids.js';
import type { SeededTenant, TestPlatform } from './platform.js';
import { untilPublished } from './relay.js';

/** What a provider does with one request whose body has been read. */
export type ProviderScript = (response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedProvider {
  /** Ends with `/v1`. */
  readonly url: string;
  readonly port: number;
  /** How many requests came. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** A provider for the bytes that the sandbox does not send: `script` writes each answer by hand. */
export async function startScriptedProvider(script: ProviderScript, port = 0): Promise<ScriptedProvider> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().once('end', () => script(response, request));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/v1`,
    port: taken,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Publishes the raw model `name` on a new connection of the tenant to this address; gives the tenant with that connection. */
export async function publishOn(platform: TestPlatform, url: string, name: string): Promise<SeededTenant> {
  const { acme, factory } = platform;
  const connectionId = newId('connection');
  await factory.run((tx) =>
    tx.connection.create({
      data: {
        tenantId: acme.id,
        id: connectionId,
        name: `to-${name}`,
        baseUrl: url,
        authMode: 'none',
        limits: { breaker: null },
      },
    }),
  );
  const tenant = { ...acme, connectionId };
  await factory.rawModel(tenant, name, `provider-${name}`);
  await untilPublished(platform, name);
  return tenant;
}

/** One chat chunk as an event. */
export function chunkEvent(delta: object, finishReason: string | null = null, index = 0, further: object = {}): string {
  const chunk = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'provider-model',
    choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
    ...further,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** Begins an event stream. */
export function openStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}
