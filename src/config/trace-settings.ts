import { z } from 'zod';
import { flag, pairs } from './setting-forms.js';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/**
 * Settings of traces. Those that begin with `OTEL_` are OpenTelemetry's own; of these only the ones here are read.
 */
export const traceSettings = {
  GT_TRACE_TRUST_CALLERS: flag(
    'false',
    'Whether the `traceparent` of a request may say that its trace is recorded. By default it may only say that it is not.',
  ),
  GT_TRACE_PROVIDERS: flag('true', 'Whether providers are sent `traceparent` and `tracestate`.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .refine((text) => !/[?#]|\/\/[^/]*@/.test(text), 'must have no user name, query or fragment')
    .optional()
    .describe(
      'Address of an OpenTelemetry collector, e.g. `http://127.0.0.1:4318`: spans go to `/v1/traces` below it. Without it there are no traces.',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: pairs(
    'Headers for the collector, `name=value`, several separated by commas, values percent-encoded.',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf').describe('How spans are written.'),
  OTEL_EXPORTER_OTLP_COMPRESSION: z.enum(['none', 'gzip']).default('none').describe('How spans are compressed.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .describe('How long a batch of spans is tried to be sent, in milliseconds. Then it is dropped.'),
  OTEL_SERVICE_NAME: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('What this process is called in traces. Default: `gt-api`, and `gt-worker` for a worker.'),
  OTEL_RESOURCE_ATTRIBUTES: pairs(
    'Further attributes of this process in traces, `name=value`, several separated by commas, values percent-encoded.',
  ),
  OTEL_TRACES_SAMPLER: z.enum(samplers).default('parentbased_always_on').describe('Which traces are recorded.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('The share of traces that `traceidratio` and `parentbased_traceidratio` record, from 0 to 1.'),
  OTEL_BSP_MAX_QUEUE_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_536)
    .default(2_048)
    .describe('So many ended spans wait in memory to be sent; more are dropped.'),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(5_000)
    .describe('How long spans wait for others to be sent with, in milliseconds.'),
  OTEL_SDK_DISABLED: flag('false', 'Switches traces off although a collector is set.'),
};
