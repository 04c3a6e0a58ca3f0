import { toUnixSeconds } from '../../contracts/times.js';
import type { RequestBodiesObject, RequestDetails, RequestObject } from '../../contracts/requests.js';
import type { CallBodies } from '../../modules/request-log/bodies/body-text.js';
import type { RequestRecord } from '../../modules/request-log/request-log.repository.js';
import type { RequestWithCalls } from '../../modules/request-log/request-log.service.js';
import { presentAdminUsage } from './usage.presenter.js';

/** A row of the request log in the contract's form. */
export function presentRequest(record: RequestRecord): RequestObject {
  return {
    object: 'request',
    id: record.id,
    created_at: toUnixSeconds(record.createdAt),
    key: record.keyId,
    key_name: record.keyName,
    method: record.method,
    route: record.route,
    endpoint: record.endpoint,
    status: record.status,
    error_code: record.errorCode,
    aborted: record.aborted,
    latency_ms: record.latencyMs,
    first_token_ms: record.firstTokenMs,
    input_tokens: record.inputTokens,
    output_tokens: record.outputTokens,
    total_tokens: record.totalTokens,
    cost: record.cost,
    charge: record.charge,
    currency: record.currency,
    client_address: record.clientAddress,
    client_agent: record.clientAgent,
    count: record.count,
  };
}

/** The same by itself. */
export function presentRequestDetails({ request, calls }: RequestWithCalls): RequestDetails {
  const { enteredMs, sentMs, firstTokenMs, latencyMs } = request;
  const steps = [
    ['arrived', 0],
    ['let_in', enteredMs],
    ['sent', sentMs],
    ['first_token', firstTokenMs],
    ['ended', latencyMs],
  ] as const;
  return {
    ...presentRequest(request),
    timeline: steps.flatMap(([step, at]) => (at === null ? [] : [{ step, at_ms: at }])),
    calls: calls.map(presentAdminUsage),
  };
}

/** The bodies of a call. */
export function presentRequestBodies(id: string, { request, answer }: CallBodies): RequestBodiesObject {
  return { object: 'request_bodies', id, request: { ...request }, answer: { ...answer } };
}
