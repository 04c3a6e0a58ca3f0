import { chunkText } from '../chunk-text.js';
import { logprobsOf, type OutputItem, type RefusalPart, type TextPart } from './response-output.js';

/** An event of a Responses stream; `isContent` marks the pieces that `pace`, `cut` and the like count. */
export interface ItemEvent {
  readonly event: object;
  readonly isContent: boolean;
}

/** How the items' texts are cut, and how many alternatives each log probability lists. */
export interface EventSettings {
  readonly chunks: number | undefined;
  readonly topLogprobs: number | undefined;
}

/** All events of one item, from `response.output_item.added` to `response.output_item.done`, in OpenAI's order. */
export function itemEvents(item: OutputItem, output_index: number, settings: EventSettings): readonly ItemEvent[] {
  return [
    frame({ type: 'response.output_item.added', output_index, item: begun(item) }),
    ...innerEvents(item, { item_id: item.id, output_index }, settings),
    frame({ type: 'response.output_item.done', output_index, item }),
  ];
}

interface Place {
  readonly item_id: string;
  readonly output_index: number;
}

/** The item as it is when it begins: without what its events are about to bring. */
function begun(item: OutputItem): object {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'reasoning':
      return { type: item.type, id: item.id, summary: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' };
    case 'compaction':
      return item;
  }
}

function innerEvents(item: OutputItem, place: Place, settings: EventSettings): readonly ItemEvent[] {
  switch (item.type) {
    case 'message':
      return item.content.flatMap((part, content_index) =>
        part.type === 'refusal'
          ? refusalEvents(part, { ...place, content_index }, settings)
          : textEvents(part, { ...place, content_index }, settings),
      );
    case 'reasoning':
      return item.summary.flatMap((part, summary_index) => summaryEvents(part, { ...place, summary_index }));
    case 'function_call':
      return [
        ...fragments(item.arguments).map((delta) => content({ type: 'response.function_call_arguments.delta', ...place, delta })),
        frame({ type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments }),
      ];
    case 'custom_tool_call':
      return [
        ...fragments(item.input).map((delta) => content({ type: 'response.custom_tool_call_input.delta', ...place, delta })),
        frame({ type: 'response.custom_tool_call_input.done', ...place, input: item.input }),
      ];
    case 'compaction':
      return [];
  }
}

function textEvents(part: TextPart, place: object, settings: EventSettings): readonly ItemEvent[] {
  const { text, logprobs } = part;
  const empty = { ...part, text: '', logprobs: [] };
  const deltas = chunkText(text, settings.chunks).map((delta) =>
    content({ type: 'response.output_text.delta', ...place, delta, logprobs: logprobsOf(delta, settings.topLogprobs) }),
  );
  return [
    frame({ type: 'response.content_part.added', ...place, part: empty }),
    ...deltas,
    frame({ type: 'response.output_text.done', ...place, text, logprobs }),
    frame({ type: 'response.content_part.done', ...place, part }),
  ];
}

function refusalEvents(part: RefusalPart, place: object, settings: EventSettings): readonly ItemEvent[] {
  const deltas = chunkText(part.refusal, settings.chunks).map((delta) =>
    content({ type: 'response.refusal.delta', ...place, delta }),
  );
  return [
    frame({ type: 'response.content_part.added', ...place, part: { ...part, refusal: '' } }),
    ...deltas,
    frame({ type: 'response.refusal.done', ...place, refusal: part.refusal }),
    frame({ type: 'response.content_part.done', ...place, part }),
  ];
}

function summaryEvents(part: { readonly type: string; readonly text: string }, place: object): readonly ItemEvent[] {
  return [
    frame({ type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } }),
    ...chunkText(part.text, undefined).map((delta) => frame({ type: 'response.reasoning_summary_text.delta', ...place, delta })),
    frame({ type: 'response.reasoning_summary_text.done', ...place, text: part.text }),
    frame({ type: 'response.reasoning_summary_part.done', ...place, part }),
  ];
}

function fragments(text: string): readonly string[] {
  return text.match(/[^]{1,8}/gu) ?? [];
}

function content(event: object): ItemEvent {
  return { event, isContent: true };
}

function frame(event: object): ItemEvent {
  return { event, isContent: false };
}
