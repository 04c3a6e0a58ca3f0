import { createTraceState, ROOT_CONTEXT, SpanKind, TraceFlags, trace as api } from '@opentelemetry/api';
import type { Context, Link, SpanOptions, Tracer } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Config } from '../../config/config.module.js';
import { inTime } from '../../kernel/in-time.js';
import { attributes } from './attribute-names.js';
import { OtlpExporter } from './otlp-exporter.js';
import { RecordedTrace } from './recorded-trace.js';
import { Sampling } from './sampling.js';
import type { TraceContext } from './trace-context.js';
import type { TracedJob } from './traced-job.js';

const batchSize = 512;
/** Of one value of an attribute. Names of models are what is longest. */
const longestValue = 256;

/** Records traces with the SDK of OpenTelemetry and sends them to a collector. Loaded only where traces are switched on. */
export class Recorder {
  private readonly ids = new ChosenTraceIds();
  private readonly sampling: Sampling;
  private readonly exporter: OtlpExporter;
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;

  /** @param onFault hears why spans could not be sent. */
  constructor(
    private readonly config: Config,
    serviceName: string,
    onFault: (reason: string) => void,
  ) {
    this.sampling = new Sampling(config);
    this.exporter = new OtlpExporter(config, onFault);
    const maxQueueSize = config.OTEL_BSP_MAX_QUEUE_SIZE;
    this.provider = new TracerProvider({
      sampler: new AlwaysOnSampler(),
      idGenerator: this.ids,
      spanLimits: { attributeValueLengthLimit: longestValue },
      resource: resourceFromAttributes({
        'service.name': serviceName,
        ...config.OTEL_RESOURCE_ATTRIBUTES,
        ...(config.OTEL_SERVICE_NAME === undefined ? {} : { 'service.name': config.OTEL_SERVICE_NAME }),
      }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: this.exporter,
          maxQueueSize,
          maxExportBatchSize: Math.min(batchSize, maxQueueSize),
          scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
          // The exporter's own limit comes first.
          exportTimeoutMillis: 2 * config.OTEL_EXPORTER_OTLP_TIMEOUT,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('gt-api');
  }

  /**
   * The trace of a request; undefined for one that is not recorded.
   * @param caller where the caller stands in a trace of its own, which goes on here.
   */
  ofRequest(caller: TraceContext | undefined, method: string, path: string, route: string): RecordedTrace | undefined {
    const fresh = this.ids.choose();
    if (!(caller === undefined ? this.sampling.ofRoot(fresh) : this.sampling.ofCaller(caller, fresh))) return undefined;
    return this.begin(`${method} ${path}`, caller, {
      kind: SpanKind.SERVER,
      attributes: { [attributes.method]: method, [attributes.httpRoute]: path, [attributes.route]: route },
    });
  }

  /**
   * The trace of one run of a job; undefined for one that is not recorded.
   * @param queuedIn the recorded trace that it was queued in: its span is the job's parent and linked to it.
   */
  ofJob({ name, id, tenantId, attempt }: TracedJob, queuedIn: TraceContext | undefined): RecordedTrace | undefined {
    if (queuedIn === undefined && !this.sampling.ofRoot(this.ids.choose())) return undefined;
    const links: Link[] = queuedIn === undefined ? [] : [{ context: spanContextOf(queuedIn) }];
    return this.begin(`job ${name}`, queuedIn, {
      kind: SpanKind.CONSUMER,
      links,
      attributes: {
        [attributes.job]: name,
        [attributes.jobId]: id,
        [attributes.attempt]: attempt,
        ...(tenantId === undefined ? {} : { [attributes.tenantId]: tenantId }),
      },
    });
  }

  /** Sends what is left, as far as that can be done in this time. Nothing is recorded afterwards. */
  async close(limitMs: number): Promise<void> {
    await inTime(this.provider.shutdown(), limitMs, 'The collector').catch(() => undefined);
    this.exporter.drop();
  }

  private begin(name: string, parent: TraceContext | undefined, options: SpanOptions): RecordedTrace {
    const around: Context = parent === undefined ? ROOT_CONTEXT : api.setSpanContext(ROOT_CONTEXT, spanContextOf(parent));
    const span = this.tracer.startSpan(name, options, around);
    return new RecordedTrace(this.tracer, span, around, parent?.state, this.config.GT_TRACE_PROVIDERS);
  }
}

/** Gives a new trace the id by which it was decided that it is recorded. */
class ChosenTraceIds extends RandomIdGenerator {
  private chosen: string | undefined;
  private readonly random = new RandomIdGenerator();

  choose(): string {
    return (this.chosen = this.random.generateTraceId());
  }

  override generateTraceId = (): string => this.chosen ?? this.random.generateTraceId();
}

function spanContextOf({ traceId, spanId, isSampled, state }: TraceContext): Parameters<typeof api.setSpanContext>[1] {
  return {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  };
}
