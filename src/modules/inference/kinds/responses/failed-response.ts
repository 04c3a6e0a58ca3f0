import type { AppError } from '../../../../kernel/app-error.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { ownResponse } from './response-object.js';
import type { ResponseSaid } from './response-said.js';
import { eventBytes } from '../../wire/typed-event.js';

/**
 * The last events of a response that fails after its stream has begun: `response.created` where the client has not had it,
 * then `response.failed` with the error. Of OpenAI's few codes `server_error` fits what goes wrong here, and
 * `rate_limit_exceeded` what the provider refuses.
 */
export function failedEvents(error: AppError, said: ResponseSaid, shown: Fields | undefined, sequence: number): string {
  const begun = shown ?? ownResponse({ created_at: Math.floor(Date.now() / 1000), status: 'in_progress' }, said).object;
  const failed: Fields = {
    ...begun,
    status: 'failed',
    error: { code: error.status === 429 ? 'rate_limit_exceeded' : 'server_error', message: error.message },
    output: said.items.map(({ json }) => said.shown(JSON.parse(json) as Fields)),
  };
  const events = shown === undefined ? [event('response.created', begun, sequence + 1)] : [];
  return [...events, event('response.failed', failed, sequence + events.length + 1)].join('');
}

function event(type: string, response: Fields, sequence: number): string {
  return eventBytes(type, printExact({ type, sequence_number: sequence, response })).toString('utf8');
}
