import { isFields, type Fields } from '../../../kernel/fields.js';
import { printExact } from './exact-json.js';
import { eventBytes } from './typed-event.js';

/** Types of the events of Responses with which a provider tells that there is no answer. */
export const failures: ReadonlySet<string> = new Set(['response.failed', 'response.cancelled']);

/** A whole response as the stream that would have said it, for a provider that does not stream. */
export function eventsOfResponse(response: Fields): Buffer {
  const output = Array.isArray(response['output']) ? (response['output'] as unknown[]).filter(isFields) : [];
  const begun = { ...response, status: 'in_progress', output: [], usage: null };
  const events: Fields[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...output.flatMap(eventsOfItem),
    { type: response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed', response },
  ];
  return Buffer.concat(
    events.map((event, at) => eventBytes(String(event['type']), printExact({ ...event, sequence_number: at }))),
  );
}

/** The events that tell a whole item in this place of the output, without their numbers. */
export function eventsOfItem(item: Fields, at: number): Fields[] {
  const place = { output_index: at };
  const named = { ...place, item_id: item['id'] };
  const [begun, said] = saidOf(item, named);
  return [
    { type: 'response.output_item.added', ...place, item: { ...begun, ...('status' in item ? { status: 'in_progress' } : {}) } },
    ...said,
    { type: 'response.output_item.done', ...place, item },
  ];
}

/** The item as it begins, and the events that fill it. */
function saidOf(item: Fields, named: Fields): [begun: Fields, said: Fields[]] {
  if (item['type'] === 'message') {
    const parts = Array.isArray(item['content']) ? (item['content'] as unknown[]).filter(isFields) : [];
    return [{ ...item, content: [] }, parts.flatMap((part, index) => eventsOfPart(part, { ...named, content_index: index }))];
  }
  if (item['type'] === 'function_call') {
    const { arguments: given, name } = item;
    return [
      { ...item, arguments: '' },
      [
        { type: 'response.function_call_arguments.delta', ...named, delta: given },
        { type: 'response.function_call_arguments.done', ...named, name, arguments: given },
      ],
    ];
  }
  if (item['type'] === 'custom_tool_call') {
    return [
      { ...item, input: '' },
      [
        { type: 'response.custom_tool_call_input.delta', ...named, delta: item['input'] },
        { type: 'response.custom_tool_call_input.done', ...named, input: item['input'] },
      ],
    ];
  }
  if (item['type'] === 'file_search_call') {
    const steps = item['status'] === 'completed' ? ['in_progress', 'searching', 'completed'] : ['in_progress', 'searching'];
    return [{ ...item, results: null }, steps.map((step) => ({ type: `response.file_search_call.${step}`, ...named }))];
  }
  return [item, []];
}

function eventsOfPart(part: Fields, place: Fields): Fields[] {
  const { text, refusal, logprobs = [] } = part;
  if (part['type'] === 'refusal') {
    return [
      { type: 'response.content_part.added', ...place, part: { type: 'refusal', refusal: '' } },
      { type: 'response.refusal.delta', ...place, delta: refusal },
      { type: 'response.refusal.done', ...place, refusal },
      { type: 'response.content_part.done', ...place, part },
    ];
  }
  const annotations = Array.isArray(part['annotations']) ? (part['annotations'] as unknown[]) : [];
  return [
    { type: 'response.content_part.added', ...place, part: { ...part, text: '', annotations: [], logprobs: [] } },
    { type: 'response.output_text.delta', ...place, delta: text, logprobs },
    ...annotations.map((annotation, annotation_index) => ({
      type: 'response.output_text.annotation.added',
      ...place,
      annotation_index,
      annotation,
    })),
    { type: 'response.output_text.done', ...place, text, logprobs },
    { type: 'response.content_part.done', ...place, part },
  ];
}
