import type { OnApplicationShutdown } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../../config/config.module.js';
import type { Log } from '../log.js';
import { PassedOnTrace, type CallTrace } from './call-trace.js';
import type { Recorder } from './recorder.js';
import { readTraceContext } from './trace-context.js';
import { queuedIn, type TracedJob } from './traced-job.js';

/** What the exporter may take at shutdown. */
const closeMs = 2_000;
/** Faults of the exporter are logged no more often than this. */
const silenceMs = 60_000;

/** Begins the traces of requests and jobs. Where traces are off, and for what is not recorded, there is none. */
export class Tracing implements OnApplicationShutdown {
  private constructor(
    private readonly recorder: Recorder | undefined,
    private readonly toProviders: boolean,
  ) {}

  /**
   * Loads the SDK of OpenTelemetry where a collector is set, and nothing of it elsewhere.
   * @param serviceName what this process is called where the settings do not name it.
   */
  static async start(config: Config, log: Log, serviceName: string): Promise<Tracing> {
    if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined || config.OTEL_SDK_DISABLED)
      return new Tracing(undefined, config.GT_TRACE_PROVIDERS);
    const { Recorder: Loaded } = await import('./recorder.js');
    return new Tracing(new Loaded(config, serviceName, faultLog(log)), config.GT_TRACE_PROVIDERS);
  }

  /**
   * The trace of a request.
   * @param path the pattern of its route.
   * @param route the id of its row.
   */
  ofRequest(headers: IncomingHttpHeaders, method: string, path: string, route: string): CallTrace | undefined {
    const caller = headers['traceparent'] === undefined ? undefined : readTraceContext(headers);
    const recorded = this.recorder?.ofRequest(caller, method, path, route);
    if (recorded !== undefined || caller === undefined) return recorded;
    return new PassedOnTrace(caller, this.toProviders);
  }

  /** The trace of one run of a job, which goes on from the recorded request that queued it. */
  ofJob(job: TracedJob): CallTrace | undefined {
    const queued = queuedIn(job.data);
    if (this.recorder !== undefined) return this.recorder.ofJob(job, queued);
    return queued === undefined ? undefined : new PassedOnTrace(queued, this.toProviders);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.recorder?.close(closeMs);
  }
}

function faultLog(log: Log): (reason: string) => void {
  let lastAt = -Infinity;
  return (reason) => {
    if (performance.now() - lastAt < silenceMs) return;
    lastAt = performance.now();
    log.warn('spans were dropped', { reason });
  };
}
