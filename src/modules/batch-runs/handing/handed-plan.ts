import type { BatchEndpoint } from '../../../contracts/batches.js';
import type { HandoverRecord } from '../../batches/batch-handover.js';
import type { CallPlan } from '../../inference/call/call-plan.js';
import { NotHandedOnError } from '../../inference/call/given-answer.js';

/** A request as it stands in the provider's input. */
export interface HandedRequest {
  /** As the provider names it. */
  readonly endpoint: string;
  /** One line of JSON. */
  readonly body: string;
}

/**
 * What is sent for a planned call.
 * @throws NotHandedOnError for one that goes elsewhere than the batch, that is more than one JSON body there and one back, or
 * to an endpoint that the provider's batches do not have.
 */
export function handedRequest(plan: CallPlan, { connectionId, model }: HandoverRecord): HandedRequest {
  const { target, body, answer } = plan;
  const { connection } = target;
  if (connection.id !== connectionId || target.model !== model) throw new NotHandedOnError('its agent leads elsewhere now');
  const isPlain = Buffer.isBuffer(body) && plan.contentType.startsWith('application/json') && plan.counted === undefined;
  if (!isPlain || plan.elsewhere !== undefined || plan.streamed !== undefined || connection.dialect !== undefined)
    throw new NotHandedOnError('it is no request in JSON');
  if (answer.shape === 'bytes' || answer.inEvents === true) throw new NotHandedOnError('its provider answers in events');
  const endpoint = endpointOf(plan);
  const name = endpoint === undefined ? undefined : connection.batches[endpoint];
  if (name === undefined) throw new NotHandedOnError('they do not have its endpoint');
  return { endpoint: name, body: body.toString('utf8').replace(/[\r\n]/g, ' ') };
}

function endpointOf({ path, target: { paths } }: CallPlan): BatchEndpoint | undefined {
  const endpoints = new Map<string, BatchEndpoint>([
    [paths.chat, '/v1/chat/completions'],
    [paths.responses, '/v1/responses'],
    [paths.completions, '/v1/completions'],
    [paths.embeddings, '/v1/embeddings'],
    [paths.moderations, '/v1/moderations'],
  ]);
  return endpoints.get(path);
}
