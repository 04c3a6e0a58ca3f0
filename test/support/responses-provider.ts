import type { ServerResponse } from 'node:http';
import type { Answer, RecordedBody } from './recording-provider.js';

/** A response as a provider gives it, under ids of its own. */
export function providerResponse(output: readonly object[], further: object = {}): Record<string, unknown> {
  return {
    id: 'resp_provider',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: 'what the provider was told',
    metadata: {},
    model: 'provider-model',
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    previous_response_id: null,
    store: false,
    usage: {
      input_tokens: 7,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 12,
    },
    ...further,
  };
}

export const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
export const message = (text: string, id = 'msg_provider') => ({
  id,
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [textPart(text)],
});
export const reasoning = (sealed: string) => ({
  id: 'rs_provider',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'Thinking.' }],
  encrypted_content: sealed,
});

/** The events of a response that says these items, messages in several deltas. */
export function eventsOf(output: readonly Record<string, unknown>[], end: object = {}): object[] {
  const begun = providerResponse([], { status: 'in_progress', usage: null });
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
  ];
  output.forEach((item, at) => {
    const place = { output_index: at };
    events.push({
      type: 'response.output_item.added',
      ...place,
      item: { ...item, ...('content' in item ? { content: [] } : {}) },
    });
    if (item['type'] === 'message') {
      const [part] = item['content'] as { text: string; annotations?: object[] }[];
      const named = { ...place, item_id: item['id'], content_index: 0 };
      const text = part?.text ?? '';
      events.push({ type: 'response.content_part.added', ...named, part: textPart('') });
      for (const delta of text.match(/.{1,4}/gs) ?? [])
        events.push({ type: 'response.output_text.delta', ...named, delta, logprobs: [] });
      events.push({ type: 'response.output_text.done', ...named, text, logprobs: [] });
      const annotations = part?.annotations ?? [];
      annotations.forEach((annotation, index) =>
        events.push({ type: 'response.output_text.annotation.added', ...named, annotation_index: index, annotation }),
      );
      events.push({ type: 'response.content_part.done', ...named, part: { ...textPart(text), annotations } });
    }
    events.push({ type: 'response.output_item.done', ...place, item });
  });
  events.push({ type: 'response.completed', response: providerResponse(output, end) });
  return events.map((event, at) => ({ ...event, sequence_number: at }));
}

/** Sends events as a provider does. */
export function sendEvents(response: ServerResponse, events: readonly object[]): void {
  response.setHeader('content-type', 'text/event-stream');
  for (const event of events) response.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

/** Answers each request with these items, in whichever way was asked for. */
export const answerOf =
  (...output: readonly Record<string, unknown>[]): Answer =>
  (body: RecordedBody, response) => {
    if (body.stream === true) sendEvents(response, eventsOf(output));
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(providerResponse(output)));
  };
