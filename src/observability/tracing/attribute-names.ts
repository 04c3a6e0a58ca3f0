/**
 * The names of everything that is written to spans. Ids, codes, names of models and numbers: never a content, a secret or the
 * address of a provider. What begins with `gen_ai.`, `http.` and `error.` are names of OpenTelemetry.
 */
export const attributes = {
  errorType: 'error.type',
  method: 'http.request.method',
  httpRoute: 'http.route',
  status: 'http.response.status_code',
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.request.model',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  route: 'gt.route',
  requestId: 'gt.request_id',
  tenantId: 'gt.tenant_id',
  keyId: 'gt.key_id',
  endpoint: 'gt.endpoint',
  connectionId: 'gt.connection_id',
  attempt: 'gt.attempt',
  isStreamed: 'gt.stream',
  usageSource: 'gt.usage_source',
  job: 'gt.job',
  jobId: 'gt.job_id',
} as const;

/** The steps of a call that have a span of their own. */
export const steps = { keyCheck: 'gt.key_check', enter: 'gt.enter', reserve: 'gt.reserve' } as const;

export type StepName = (typeof steps)[keyof typeof steps];

/** What happens within a span of a call to a provider. */
export const moments = { sending: 'gt.sending', firstToken: 'gt.first_token' } as const;
