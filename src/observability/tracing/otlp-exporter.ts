import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Config } from '../../config/config.module.js';

type Told = Parameters<Parameters<SpanExporter['export']>[1]>[0];

const taken = 0;
const dropped = 1;
/** What passes: the collector is busy, or away. */
const passing = new Set([429, 502, 503, 504]);
const firstWaitMs = 500;
const zipped = promisify(gzip);

/**
 * Sends spans to a collector over OTLP/HTTP. A batch that is not taken within OTEL_EXPORTER_OTLP_TIMEOUT is dropped; meanwhile
 * it is sent again, less and less often, while that may help.
 */
export class OtlpExporter implements SpanExporter {
  private readonly url: string;
  private readonly isJson: boolean;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly stopping = new AbortController();
  private readonly sending = new Set<Promise<void>>();

  /** @param onFault hears why a batch was dropped: in words without the address. */
  constructor(
    private readonly config: Config,
    private readonly onFault: (reason: string) => void,
  ) {
    this.url = `${(config.OTEL_EXPORTER_OTLP_ENDPOINT ?? '').replace(/\/+$/, '')}/v1/traces`;
    this.isJson = config.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json';
    this.headers = {
      ...config.OTEL_EXPORTER_OTLP_HEADERS,
      'content-type': this.isJson ? 'application/json' : 'application/x-protobuf',
      ...(config.OTEL_EXPORTER_OTLP_COMPRESSION === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    };
  }

  export(spans: ReadableSpan[], told: (result: Told) => void): void {
    const sent = this.send(spans);
    this.sending.add(sent);
    sent
      .finally(() => this.sending.delete(sent))
      .then(
        () => told({ code: taken }),
        (error: unknown) => {
          this.onFault(reasonOf(error));
          told({ code: dropped });
        },
      );
  }

  /** Waits for what is being sent. */
  async shutdown(): Promise<void> {
    await Promise.allSettled(this.sending);
  }

  /** Drops what is being sent. */
  drop(): void {
    this.stopping.abort(new Error('the process stops'));
  }

  private async send(spans: ReadableSpan[]): Promise<void> {
    const body = await this.bodyOf(spans);
    const signal = AbortSignal.any([AbortSignal.timeout(this.config.OTEL_EXPORTER_OTLP_TIMEOUT), this.stopping.signal]);
    for (let waitMs = firstWaitMs; ; waitMs *= 2) {
      const passes = await this.post(body, signal);
      if (passes === undefined) return;
      await pause(waitMs, undefined, { signal, ref: false }).catch(() => {
        throw new Error(passes);
      });
    }
  }

  /** @returns why it was not taken, where that may pass. @throws Error where it does not. */
  private async post(body: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
    const { url, headers } = this;
    let response: Response;
    try {
      response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await response.body?.cancel();
    } catch (error) {
      signal.throwIfAborted();
      return reasonOf(error);
    }
    if (response.ok) return undefined;
    const reason = `the collector answered ${response.status}`;
    if (passing.has(response.status)) return reason;
    throw new Error(reason);
  }

  private async bodyOf(spans: ReadableSpan[]): Promise<Uint8Array> {
    const serializer = this.isJson ? JsonTraceSerializer : ProtobufTraceSerializer;
    const bytes = serializer.serializeRequest(spans) ?? new Uint8Array();
    return this.config.OTEL_EXPORTER_OTLP_COMPRESSION === 'gzip' ? zipped(bytes) : bytes;
  }
}

/** The code of a failed connection: its text names the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? error) as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.message;
}
