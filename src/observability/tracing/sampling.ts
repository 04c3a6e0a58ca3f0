import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { Config } from '../../config/config.module.js';
import type { TraceContext } from './trace-context.js';

type SamplingConfig = Pick<Config, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG' | 'GT_TRACE_TRUST_CALLERS'>;

/** Decides which traces are recorded, before anything of them is made. */
export class Sampling {
  private readonly followsParent: boolean;
  private readonly root: TraceIdRatioBasedSampler;

  constructor(private readonly config: SamplingConfig) {
    const { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio } = config;
    this.followsParent = name.startsWith('parentbased_');
    this.root = new TraceIdRatioBasedSampler(name.endsWith('always_off') ? 0 : name.endsWith('always_on') ? 1 : ratio);
  }

  /** A trace that begins here. */
  ofRoot(traceId: string): boolean {
    return this.root.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  /**
   * A trace that a caller has begun. Where callers are not trusted they can make us record less, and never more: neither by
   * the flag nor by a trace id that the sampler likes.
   * @param fresh a trace id that the caller does not know.
   */
  ofCaller(caller: TraceContext, fresh: string): boolean {
    if (this.followsParent && !caller.isSampled) return false;
    if (!this.config.GT_TRACE_TRUST_CALLERS) return this.ofRoot(fresh);
    return this.followsParent || this.ofRoot(caller.traceId);
  }
}
