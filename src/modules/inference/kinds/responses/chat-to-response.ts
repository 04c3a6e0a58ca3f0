import { isFields, type Fields } from '../../../../kernel/fields.js';
import { randomBase62 } from '../../../../kernel/ids.js';
import type { ResponseStatus } from '../../../responses/response-record.js';
import { OpenCalls, type OpenCall } from '../chat/open-calls.js';
import {
  argumentsOf,
  callOf,
  customInputOf,
  itemPlace,
  messageOf,
  noArguments,
  partOf,
  partPlace,
  summaryOf,
  summaryText,
  type OpenItem,
  type OpenMessage,
  type OpenToolCall,
} from './open-items.js';
import type { ChatMachine } from './chat-machine.js';
import { newItemId } from './response-ids.js';
import type { ResponseSaid } from './response-said.js';
import { Thoughts, type ThoughtContent } from './thoughts.js';
import type { NamedTool } from './tool-names.js';

/**
 * Tells what a chat provider says as the typed events of a response, each as soon as its piece has come. Ids are made once,
 * when an item begins. Calls of tools may interleave; they become whole in their order at the end.
 */
export class ChatToResponse implements ChatMachine {
  private readonly calls = new OpenCalls();
  private readonly openCalls = new Map<OpenCall, OpenToolCall>();
  private readonly thoughts = new Thoughts();
  private reasoning: (OpenItem & { text: string }) | undefined;
  private message: OpenMessage | undefined;
  /** Log probabilities that came without a text: they belong to the next one, or to the part that ends. */
  private readonly heldLogprobs: unknown[] = [];
  private places = 0;
  private sequence = -1;
  private begun = false;
  private reason: string | undefined;

  /**
   * @param frame the response before anything is said.
   * @param names what the provider's functions stand for.
   * @param seal makes what the model thought a text that the client brings back.
   * @param first an item of ours with which the output begins.
   */
  constructor(
    private readonly said: ResponseSaid,
    private readonly frame: Fields,
    private readonly names: ReadonlyMap<string, NamedTool>,
    private readonly seal: (thoughts: ThoughtContent) => string,
    private readonly first?: Fields,
  ) {}

  /** The number of the newest event; -1 before the first. */
  get newest(): number {
    return this.sequence;
  }

  get hasBegun(): boolean {
    return this.begun;
  }

  /** The response as its first event shows it. */
  get started(): Fields {
    return { ...this.frame, status: 'in_progress', output: [], usage: null };
  }

  /** Takes a chunk of a chat stream, or a whole reply; only its first choice is an answer to a response. */
  take(chunk: Fields): Fields[] {
    const events: Fields[] = [];
    if (!this.begun) {
      this.begun = true;
      events.push(this.event('response.created', { response: this.started }));
      events.push(this.event('response.in_progress', { response: this.started }));
      if (this.first !== undefined) this.tell(this.first, events);
    }
    const choices: unknown = chunk['choices'];
    const choice: unknown = Array.isArray(choices)
      ? choices.find((one) => isFields(one) && Number(one['index'] ?? 0) === 0)
      : undefined;
    if (!isFields(choice)) return events;
    const whole = isFields(choice['message']);
    const said = whole ? choice['message'] : choice['delta'];
    if (isFields(said)) this.takeSaid(said, whole, choice['logprobs'], events);
    if (typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '') this.reason = choice['finish_reason'];
    return events;
  }

  /** Everything was said: makes whole what is still open. */
  finish(): Fields[] {
    const events: Fields[] = [];
    for (const { call, callId } of this.openCalls.values()) this.thoughts.takeCall(callId, call);
    this.closeReasoning(events);
    this.closeMessage(events);
    for (const open of this.openCalls.values()) this.closeCall(open, events);
    this.openCalls.clear();
    return events;
  }

  /** How the response has ended. */
  get status(): ResponseStatus {
    return this.reason === 'length' || this.reason === 'content_filter' ? 'incomplete' : 'completed';
  }

  /** The whole response. @param usage in the form of Responses. */
  response(usage: unknown): Fields {
    const why = this.reason === 'length' ? 'max_output_tokens' : this.reason === 'content_filter' ? 'content_filter' : undefined;
    return {
      ...this.frame,
      status: this.status,
      completed_at: this.status === 'completed' ? Math.floor(Date.now() / 1000) : null,
      incomplete_details: why === undefined ? null : { reason: why },
      output: this.said.items.map(({ json }) => this.said.shown(JSON.parse(json) as Fields)),
      usage,
    };
  }

  /** The number that the last event has. */
  lastNumber(): number {
    return this.sequence + 1;
  }

  private takeSaid(said: Fields, whole: boolean, logprobs: unknown, events: Fields[]): void {
    this.thoughts.take(said);
    const thought = said['reasoning_content'] ?? said['reasoning'];
    if (typeof thought === 'string' && thought !== '') this.think(thought, events);
    const text = textOf(said['content']);
    this.heldLogprobs.push(...contentLogprobs(logprobs));
    if (text !== '') this.say('output_text', text, this.heldLogprobs.splice(0), events);
    if (typeof said['refusal'] === 'string' && said['refusal'] !== '') this.say('refusal', said['refusal'], [], events);
    const { tool_calls: calls, function_call: legacy } = said;
    const grown = Array.isArray(calls) ? this.calls.add(calls as unknown[], whole) : [];
    if (isFields(legacy)) grown.push(this.calls.addFunction(legacy));
    for (const { call } of grown) this.growCall(call, events);
  }

  private think(text: string, events: Fields[]): void {
    this.closeMessage(events);
    let open = this.reasoning;
    if (open === undefined) {
      open = { ...this.open('reasoning'), text: '' };
      this.reasoning = open;
      events.push(this.added(open, { id: open.id, type: 'reasoning', summary: [] }));
      events.push(this.event('response.reasoning_summary_part.added', { ...summaryOf(open), part: summaryText('') }));
    }
    open.text += text;
    events.push(this.event('response.reasoning_summary_text.delta', { ...summaryOf(open), delta: text }));
  }

  private say(type: 'output_text' | 'refusal', text: string, logprobs: unknown[], events: Fields[]): void {
    let open = this.message;
    if (open === undefined) {
      this.closeReasoning(events);
      open = { ...this.open('message'), parts: [] };
      this.message = open;
      events.push(this.added(open, messageOf(open.id, 'in_progress', [])));
    }
    let part = open.parts.at(-1);
    if (part?.type !== type) {
      if (part !== undefined) this.closePart(open, events);
      part = { type, text: '', logprobs: [] };
      open.parts.push(part);
      events.push(this.event('response.content_part.added', { ...partPlace(open), part: partOf(part) }));
    }
    part.text += text;
    part.logprobs.push(...logprobs);
    const told = type === 'output_text' ? { delta: text, logprobs } : { delta: text };
    events.push(this.event(`response.${type}.delta`, { ...partPlace(open), ...told }));
  }

  private growCall(call: OpenCall, events: Fields[]): void {
    if (call.name === '') return;
    let open = this.openCalls.get(call);
    if (open === undefined) {
      const callId = call.id === '' ? `call_${randomBase62(24)}` : call.id;
      this.thoughts.takeCall(callId, call);
      this.closeReasoning(events);
      this.closeMessage(events);
      const tool = this.names.get(call.name) ?? { name: call.name };
      const type = tool.isCustom === true ? 'custom_tool_call' : 'function_call';
      open = { ...this.open(type), call, callId, tool, told: 0 };
      this.openCalls.set(call, open);
      events.push(this.added(open, callOf(open, '', 'in_progress')));
    }
    if (open.tool.isCustom === true) return;
    // One chunk may hold several pieces of a call, which are together by now.
    const delta = call.input.slice(open.told);
    open.told = call.input.length;
    if (delta !== '') events.push(this.event('response.function_call_arguments.delta', { ...itemPlace(open), delta }));
  }

  private closeReasoning(events: Fields[]): void {
    const { thoughts } = this;
    const open = this.reasoning ?? (thoughts.isEmpty ? undefined : this.silentReasoning(events));
    if (open === undefined) return;
    this.reasoning = undefined;
    if (open.text !== '') {
      events.push(this.event('response.reasoning_summary_text.done', { ...summaryOf(open), text: open.text }));
      events.push(this.event('response.reasoning_summary_part.done', { ...summaryOf(open), part: summaryText(open.text) }));
    }
    const summary = open.text === '' ? [] : [summaryText(open.text)];
    this.whole(open, { id: open.id, type: 'reasoning', summary, encrypted_content: this.seal(thoughts.taken()) }, events);
  }

  /** Thoughts that the provider tells in no words for people, such as a signature. */
  private silentReasoning(events: Fields[]): OpenItem & { text: string } {
    const open = { ...this.open('reasoning'), text: '' };
    events.push(this.added(open, { id: open.id, type: 'reasoning', summary: [] }));
    return open;
  }

  private closePart(open: OpenMessage, events: Fields[]): void {
    const part = open.parts.at(-1);
    if (part === undefined) return;
    if (part.type === 'output_text') part.logprobs.push(...this.heldLogprobs.splice(0));
    const told = part.type === 'output_text' ? { text: part.text, logprobs: part.logprobs } : { refusal: part.text };
    events.push(this.event(`response.${part.type}.done`, { ...partPlace(open), ...told }));
    events.push(this.event('response.content_part.done', { ...partPlace(open), part: partOf(part) }));
  }

  private closeMessage(events: Fields[]): void {
    const open = this.message;
    if (open === undefined) return;
    this.message = undefined;
    this.closePart(open, events);
    const isCut = this.status === 'incomplete';
    this.whole(open, messageOf(open.id, isCut ? 'incomplete' : 'completed', open.parts.map(partOf)), events);
  }

  private closeCall(open: OpenToolCall, events: Fields[]): void {
    const { call, tool } = open;
    if (tool.isCustom === true) {
      const input = customInputOf(call.input);
      if (input !== '') events.push(this.event('response.custom_tool_call_input.delta', { ...itemPlace(open), delta: input }));
      events.push(this.event('response.custom_tool_call_input.done', { ...itemPlace(open), input }));
    } else {
      // A function without parameters is called with none, for which some providers write nothing at all.
      if (call.input === '' && tool.takesNothing === true)
        events.push(this.event('response.function_call_arguments.delta', { ...itemPlace(open), delta: noArguments }));
      const told = { name: tool.name, arguments: argumentsOf(open) };
      events.push(this.event('response.function_call_arguments.done', { ...itemPlace(open), ...told }));
    }
    this.whole(open, callOf(open, argumentsOf(open), this.status === 'incomplete' ? 'incomplete' : 'completed'), events);
  }

  private open(type: string): OpenItem {
    return { place: this.places++, id: newItemId(type) };
  }

  /** An item that is whole from the beginning. */
  private tell(item: Fields, events: Fields[]): void {
    const open = { place: this.places++, id: String(item['id']) };
    events.push(this.added(open, item));
    this.whole(open, item, events);
  }

  private added({ place }: OpenItem, item: Fields): Fields {
    return this.event('response.output_item.added', { output_index: place, item });
  }

  private whole({ place }: OpenItem, item: Fields, events: Fields[]): void {
    events.push(this.event('response.output_item.done', { output_index: place, item: this.said.keep(place, item) }));
  }

  private event(type: string, members: Fields): Fields {
    this.sequence += 1;
    return { type, sequence_number: this.sequence, ...members };
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isFields(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function contentLogprobs(logprobs: unknown): unknown[] {
  const content = isFields(logprobs) ? logprobs['content'] : undefined;
  return Array.isArray(content) ? (content as unknown[]) : [];
}
