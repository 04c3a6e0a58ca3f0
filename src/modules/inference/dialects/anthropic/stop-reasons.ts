import { isFields, type Fields } from '../../../../kernel/fields.js';

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['pause_turn', 'stop'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content_filter'],
]);

export interface Finish {
  /** In the words of chat. */
  readonly reason: string;
  /** What the provider says of a refusal. */
  readonly refusal?: string;
}

/**
 * Why an answer ended. A reason that is not known is an end like any other.
 * @param told the members `stop_reason` and `stop_details`.
 */
export function finishOf({ stop_reason: told, stop_details: details }: Fields, hasCalls: boolean): Finish {
  const reason = reasons.get(told) ?? (hasCalls ? 'tool_calls' : 'stop');
  const refusal = told === 'refusal' && isFields(details) ? details['explanation'] : undefined;
  return typeof refusal === 'string' && refusal !== '' ? { reason, refusal } : { reason };
}
