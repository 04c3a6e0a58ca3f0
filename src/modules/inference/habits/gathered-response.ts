import { isFields, type Fields } from '../../../kernel/fields.js';
import { saysError } from '../../provider-answers/answer-fault.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import { numberOf } from '../wire/exact-json.js';

const ends: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** Puts a response together from its stream: the last event holds it, at some providers without its items. */
export class GatheredResponse {
  private readonly items = new Map<number, Fields>();
  private response: Fields | undefined;

  /** @throws AppError upstream_error for an event that tells an error. */
  take(event: Fields): void {
    const { type, response, item, output_index: at } = event;
    if (type === 'error' || (type === undefined && saysError(event))) throw wrongAnswer('its stream tells an error');
    if (type === 'response.output_item.done' && isFields(item)) this.items.set(numberOf(at) ?? this.items.size, item);
    if (ends.has(type) && isFields(response)) this.response = response;
  }

  /** The response as a plain reply; undefined when the stream was not whole. */
  whole(): Fields | undefined {
    const { response } = this;
    if (response === undefined) return undefined;
    const { output } = response;
    if (Array.isArray(output) && (output.length > 0 || this.items.size === 0)) return response;
    return { ...response, output: [...this.items].sort(([a], [b]) => a - b).map(([, item]) => item) };
  }
}
