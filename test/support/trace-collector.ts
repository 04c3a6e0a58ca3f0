import { gunzipSync } from 'node:zlib';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

/** A span as a collector was sent it. */
export interface CollectedSpan {
  readonly name: string;
  readonly service: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly links: readonly string[];
  /** What an error's status says; undefined without one. */
  readonly error: string | undefined;
}

export interface TraceCollector {
  /** Without a path. */
  readonly url: string;
  /** Spans in the order in which they came. */
  readonly spans: readonly CollectedSpan[];
  /** Requests in the order in which they came: path, headers and bytes. */
  readonly requests: readonly {
    readonly path: string;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly bytes: Buffer;
  }[];
  /** All spans of a trace, once the one of this name has come. */
  traceWith(traceId: string, name: string): Promise<readonly CollectedSpan[]>;
  /** Statuses for the next requests, whose spans are not taken; `silent` for those that are never answered. */
  refuseWith(...statuses: (number | 'silent')[]): void;
  close(): Promise<void>;
}

interface Told {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface ToldSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly attributes: readonly Told[];
  readonly events: readonly { readonly name: string }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface ToldBatch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Told[] };
    readonly scopeSpans: readonly { readonly spans: readonly ToldSpan[] }[];
  }[];
}

const errorStatus = 2;

/** A collector of OpenTelemetry that takes spans over OTLP/HTTP. It reads those that are written in JSON. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const requests: { path: string; headers: NodeJS.Dict<string | string[]>; bytes: Buffer }[] = [];
  let refusals: (number | 'silent')[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const bytes = Buffer.concat(chunks);
      requests.push({ path: request.url ?? '', headers: request.headers, bytes });
      const refusal = refusals.shift();
      if (refusal === 'silent') return;
      if (refusal === undefined && request.headers['content-type'] === 'application/json') {
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        spans.push(...collected(JSON.parse(text.toString()) as ToldBatch));
      }
      response.writeHead(refusal ?? 200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    traceWith: (traceId, name) =>
      until(`the span ${name} of ${traceId} has come`, () => {
        const trace = spans.filter((span) => span.traceId === traceId);
        return trace.some((span) => span.name === name) && trace;
      }),
    refuseWith: (...statuses) => {
      refusals = statuses;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function collected({ resourceSpans }: ToldBatch): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => asCollected(service, span)));
  });
}

function asCollected(service: string, span: ToldSpan): CollectedSpan {
  const { name, kind, traceId, spanId, parentSpanId = '', traceState: state = '', status } = span;
  const attributes = valuesOf(span.attributes);
  const events = span.events.map((event) => event.name);
  const links = span.links.map((link) => `${link.traceId}-${link.spanId}`);
  const error = status.code === errorStatus ? (status.message ?? '') : undefined;
  return { name, service, kind, traceId, spanId, parentSpanId, state, attributes, events, links, error };
}

function valuesOf(told: readonly Told[]): Record<string, unknown> {
  return Object.fromEntries(told.map(({ key, value }) => [key, Object.values(value)[0]]));
}
