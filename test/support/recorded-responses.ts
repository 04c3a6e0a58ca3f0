import type { ServerResponse } from 'node:http';
import { usualUsage, type Answer, type Piece } from '../fixtures/conversations/form.js';
import { breakOff, json, tokensOf } from './recorded-chat.js';
import { providerResponse, sendEvents } from './responses-provider.js';

type Event = Record<string, unknown>;

/** An item while it is said. */
interface Open {
  readonly place: number;
  readonly id: string;
  readonly type: string;
  readonly more: Event;
  readonly parts: { type: string; text: string; logprobs: object[] }[];
  isWhole: boolean;
}

/** Says a recorded answer as a provider of Responses does. */
export function sayInResponses(response: ServerResponse, answer: Answer, streamed: boolean): void {
  const said = new Said(answer);
  if (!streamed) {
    if (answer.end === 'broken' || answer.end === 'stopped') breakOff(response, JSON.stringify(said.response()));
    else json(response, said.response());
    return;
  }
  if (answer.end !== 'broken') sendEvents(response, said.events);
  else {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of said.events) response.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
    response.write(': the end\n', () => response.destroy());
  }
}

/** The events that say an answer. */
export function eventsOfAnswer(answer: Answer): readonly object[] {
  return new Said(answer).events;
}

class Said {
  readonly events: Event[] = [];
  private readonly items: Open[] = [];

  constructor(private readonly answer: Answer) {
    const begun = providerResponse([], { status: 'in_progress', usage: null });
    this.tell('response.created', { response: begun });
    this.tell('response.in_progress', { response: begun });
    for (const piece of answer.pieces) this.say(piece);
    const { end = 'stop' } = answer;
    if (end === 'broken' || end === 'stopped') return;
    if (end === 'error') {
      this.tell('error', { code: 'server_error', message: 'It broke.', param: null });
      this.tell('response.failed', { response: this.response() });
      return;
    }
    for (const item of this.items) this.close(item);
    this.tell(end === 'stop' ? 'response.completed' : 'response.incomplete', { response: this.response() });
  }

  response(): Event {
    const { end = 'stop', usage = usualUsage } = this.answer;
    const status = end === 'stop' ? 'completed' : end === 'error' ? 'failed' : 'incomplete';
    const reason = end === 'length' ? 'max_output_tokens' : end;
    return providerResponse(
      this.items.map((item) => itemOf(item, status)),
      {
        status,
        incomplete_details: status === 'incomplete' ? { reason } : null,
        error: status === 'failed' ? { code: 'server_error', message: 'It broke.' } : null,
        usage: {
          input_tokens: usage.input,
          input_tokens_details: { cached_tokens: usage.cached, cache_write_tokens: 0 },
          output_tokens: usage.output,
          output_tokens_details: { reasoning_tokens: usage.thought },
          total_tokens: usage.input + usage.output,
        },
      },
    );
  }

  private say(piece: Piece): void {
    if ('thought' in piece) this.think(piece);
    else if ('call' in piece) this.call(piece);
    else this.speak(piece);
  }

  private think({ thought, isNext }: Extract<Piece, { thought: string }>): void {
    const item = this.last('reasoning') ?? this.open('reasoning', `rs_${this.items.length}`, {});
    let part = item.parts.at(-1);
    if (part === undefined || isNext === true) {
      if (part !== undefined) this.closeThought(item);
      part = { type: 'summary_text', text: '', logprobs: [] };
      item.parts.push(part);
      this.tell('response.reasoning_summary_part.added', { ...summaryPlace(item), part: { type: 'summary_text', text: '' } });
    }
    part.text += thought;
    this.tell('response.reasoning_summary_text.delta', { ...summaryPlace(item), delta: thought });
  }

  private closeThought(item: Open): void {
    const text = item.parts.at(-1)?.text ?? '';
    this.tell('response.reasoning_summary_text.done', { ...summaryPlace(item), text });
    this.tell('response.reasoning_summary_part.done', { ...summaryPlace(item), part: { type: 'summary_text', text } });
  }

  private speak(piece: Extract<Piece, { text: string } | { refusal: string }>): void {
    const item = this.last('message') ?? this.open('message', `msg_${this.items.length}`, { role: 'assistant' });
    const type = 'text' in piece ? 'output_text' : 'refusal';
    let part = item.parts.at(-1);
    if (part?.type !== type) {
      if (part !== undefined) this.closePart(item);
      part = { type, text: '', logprobs: [] };
      item.parts.push(part);
      this.tell('response.content_part.added', { ...partPlace(item), part: partOf(part) });
    }
    const delta = 'text' in piece ? piece.text : piece.refusal;
    const logprobs = tokensOf([piece]);
    part.text += delta;
    part.logprobs.push(...logprobs);
    this.tell(`response.${type}.delta`, { ...partPlace(item), delta, ...('text' in piece ? { logprobs } : {}) });
  }

  private closePart(item: Open): void {
    const part = item.parts.at(-1);
    if (part === undefined) return;
    const told = part.type === 'refusal' ? { refusal: part.text } : { text: part.text, logprobs: part.logprobs };
    this.tell(`response.${part.type}.done`, { ...partPlace(item), ...told });
    this.tell('response.content_part.done', { ...partPlace(item), part: partOf(part) });
  }

  private call(piece: Extract<Piece, { call: string }>): void {
    let item = this.items.find(({ more }) => more['call_id'] === piece.call);
    if (item === undefined) {
      const { name, isCustom } = 'name' in piece ? piece : { name: '', isCustom: undefined };
      const type = isCustom === true ? 'custom_tool_call' : 'function_call';
      item = this.open(type, `fc_${this.items.length}`, { call_id: piece.call, name });
      item.parts.push({ type, text: '', logprobs: [] });
    }
    const [part] = item.parts;
    if (part !== undefined) part.text += piece.input;
    const type = item.type === 'function_call' ? 'response.function_call_arguments' : 'response.custom_tool_call_input';
    if (piece.input !== '') this.tell(`${type}.delta`, { ...place(item), delta: piece.input });
  }

  private open(type: string, id: string, more: Event): Open {
    for (const item of this.items) if (item.type === 'reasoning' || item.type === 'message') this.close(item);
    const item: Open = { place: this.items.length, id, type, more, parts: [], isWhole: false };
    this.items.push(item);
    this.tell('response.output_item.added', { output_index: item.place, item: itemOf(item, 'in_progress') });
    return item;
  }

  /** The newest item where it is such a one. */
  private last(type: string): Open | undefined {
    const item = this.items.at(-1);
    return item?.type === type ? item : undefined;
  }

  private close(item: Open): void {
    if (item.isWhole) return;
    item.isWhole = true;
    if (item.type === 'reasoning') this.closeThought(item);
    else if (item.type === 'message') this.closePart(item);
    else {
      const text = item.parts[0]?.text ?? '';
      if (item.type === 'custom_tool_call') this.tell('response.custom_tool_call_input.done', { ...place(item), input: text });
      else this.tell('response.function_call_arguments.done', { ...place(item), name: item.more['name'], arguments: text });
    }
    const status = this.answer.end === undefined ? 'completed' : 'incomplete';
    this.tell('response.output_item.done', { output_index: item.place, item: itemOf(item, status) });
  }

  private tell(type: string, members: Event): void {
    this.events.push({ type, sequence_number: this.events.length, ...members });
  }
}

function place({ place: at, id }: Open): Event {
  return { item_id: id, output_index: at };
}

function partPlace(item: Open): Event {
  return { ...place(item), content_index: item.parts.length - 1 };
}

function summaryPlace(item: Open): Event {
  return { ...place(item), summary_index: item.parts.length - 1 };
}

function partOf({ type, text, logprobs }: Open['parts'][number]): Event {
  return type === 'refusal' ? { type, refusal: text } : { type, text, annotations: [], logprobs };
}

function itemOf({ id, type, more, parts }: Open, status: string): Event {
  const text = parts[0]?.text ?? '';
  if (type === 'reasoning') return { id, type, summary: parts.map((part) => ({ type: 'summary_text', text: part.text })) };
  if (type === 'message') return { id, type, status, ...more, content: parts.map(partOf) };
  if (type === 'custom_tool_call') return { id, type, ...more, input: text };
  return { id, type, status, ...more, arguments: text };
}
