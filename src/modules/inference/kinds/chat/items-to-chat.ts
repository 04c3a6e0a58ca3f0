import type { StoredItem } from '../../../conversations/conversation-record.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { atOnce, type Steps } from '../../../../kernel/steps.js';
import { isFileAddress } from '../../call/file-addresses.js';
import { wholePart } from './chat-parts.js';
import { saidInChat, type SaidInChat } from './said-in-chat.js';

const texts = new Set(['input_text', 'output_text', 'text', 'summary_text', 'reasoning_text']);

/** So many items are read in one step. */
const itemsAtOnce = 100;

/** Parts of items that a chat message has no form for. */
const itemParts = new Set(['refusal', 'computer_screenshot']);

interface AssistantMessage extends Fields {
  readonly role: 'assistant';
  /** A text, null, or parts. */
  readonly content: unknown;
  readonly refusal?: string;
  readonly tool_calls?: readonly ToolCall[];
}

interface ToolCall extends Fields {
  readonly id: string;
}

/**
 * Stored items as messages that every chat provider takes: an assistant's message holds its calls, their results stand
 * directly behind it, and calls that nobody answered are left out, as are results without their call and items that chat
 * has no words for.
 * @param answeredLater ids of calls whose results come with the request.
 * @param connection the one that they are sent to: only what came from it, or was sent to it, is given its further members.
 */
export function messagesOfItems(items: readonly StoredItem[], answeredLater: ReadonlySet<string>, connection = ''): Fields[] {
  return atOnce(messagesInSteps(items, answeredLater, connection));
}

/** {@link messagesOfItems} in steps: for many items. */
export function messagesInSteps(
  items: readonly StoredItem[],
  answeredLater: ReadonlySet<string>,
  connection = '',
): Steps<Fields[]> {
  return new Replay(items, answeredLater, connection).messages();
}

class Replay {
  private readonly done: Fields[] = [];
  /** The result of each call that has one. */
  private readonly results = new Map<StoredItem, Fields>();
  /** What a message of a tool has no form for: images and files of results, with the sentence that tells whose they are. */
  private readonly shown = new Map<StoredItem, Fields[]>();
  /** Calls whose result comes with the request. */
  private readonly awaited = new Set<StoredItem>();
  /** The assistant's message that calls of tools may still join. */
  private open: AssistantMessage | undefined;
  private readonly openCalls: StoredItem[] = [];
  /** What the first call of a message without a text keeps of that message. */
  private lead: Partial<AssistantMessage> = {};

  constructor(
    private readonly items: readonly StoredItem[],
    private readonly answeredLater: ReadonlySet<string>,
    private readonly connection: string,
  ) {}

  *messages(): Steps<Fields[]> {
    yield* this.pair();
    for (const [at, item] of this.items.entries()) {
      this.add(item);
      if (isStep(at)) yield;
    }
    this.close();
    return this.done;
  }

  /** An id may be used again in a later turn: a result belongs to the oldest call before it that has none yet. */
  private *pair(): Steps<void> {
    const open = new Map<string, StoredItem[]>();
    for (const [at, item] of this.items.entries()) {
      if (isStep(at)) yield;
      const callId = item['call_id'];
      if (typeof callId !== 'string') continue;
      const waiting = open.get(callId) ?? [];
      if (isCall(item)) open.set(callId, waiting).get(callId)?.push(item);
      else if (isOutput(item)) {
        const call = waiting.shift();
        if (call !== undefined) this.addResult(call, callId, item);
      }
    }
    for (const callId of this.answeredLater) {
      const newest = open.get(callId)?.at(-1);
      if (newest !== undefined) this.awaited.add(newest);
    }
  }

  private addResult(call: StoredItem, callId: string, item: StoredItem): void {
    const { output } = item;
    const { parts, message } = this.said(item);
    const files = parts === undefined ? chatParts(output).filter(({ type }) => type !== 'text') : [];
    const text = parts !== undefined && Array.isArray(output) ? chatParts(output, parts) : outputText(output);
    const content = text === '' && files.length > 0 ? 'The result is in the message that follows.' : text;
    this.results.set(call, { role: 'tool', tool_call_id: callId, content, ...message });
    if (files.length > 0) this.shown.set(call, [{ type: 'text', text: `From the result of ${callId}:` }, ...files]);
  }

  private add(item: StoredItem): void {
    if (item.type === 'message') this.addMessage(item);
    else if (item.type === 'function_call') this.addCall(item, 'function', { name: item['name'], arguments: item['arguments'] });
    else if (item.type === 'custom_tool_call') this.addCall(item, 'custom', { name: item['name'], input: item['input'] });
    else if (isOutput(item)) this.close();
  }

  private addMessage(item: StoredItem): void {
    this.close();
    const { role, content, name } = item;
    const said = this.said(item);
    if (role === 'assistant') {
      const refusal = joined(content, (part) => (part['type'] === 'refusal' ? part['refusal'] : undefined));
      const text = said.content ?? joined(content, textOf);
      this.open = { ...said.message, role, content: text, ...(refusal === null ? {} : { refusal }) };
      return;
    }
    const parts = chatParts(content, said.parts);
    if (parts.length === 0) return;
    const asSaid = said.parts === undefined ? (plainText(parts) ?? parts) : parts;
    this.done.push({ ...said.message, role, content: asSaid, ...(typeof name === 'string' ? { name } : {}) });
  }

  private addCall(item: StoredItem, type: 'function' | 'custom', tool: Fields): void {
    const id = item['call_id'];
    const said = this.said(item);
    if (said.message !== undefined || said.content !== undefined)
      this.lead = { ...said.message, ...(said.content === undefined ? {} : { content: said.content }) };
    if (typeof id !== 'string' || !(this.results.has(item) || this.awaited.has(item))) return;
    const open = this.open ?? { content: null, ...this.lead, role: 'assistant' };
    const call = { ...said.call, id, type, [type]: { ...said.tool, ...tool } };
    this.open = { ...open, tool_calls: [...(open.tool_calls ?? []), call] };
    this.openCalls.push(item);
  }

  /** What the item keeps of its message. Forms of content are everybody's, but parts of an answer only its provider's. */
  private said(item: StoredItem): Partial<SaidInChat> {
    const said = saidInChat(item);
    if (said.connection === this.connection) return said;
    return { ...(said.parts === undefined ? {} : { parts: said.parts }), ...(said.content === '' ? { content: '' } : {}) };
  }

  private close(): void {
    const { open } = this;
    this.open = undefined;
    this.lead = {};
    if (open === undefined || (open.content === null && open.refusal === undefined && open.tool_calls === undefined)) return;
    const calls = this.openCalls.splice(0);
    const results = calls.map((call) => this.results.get(call)).filter((result) => result !== undefined);
    const shown = calls.flatMap((call) => this.shown.get(call) ?? []);
    const message = shown.length === 0 ? [] : [{ role: 'user', content: shown }];
    // Results that come with the request stand directly behind these: nothing may come between them.
    if (results.length < calls.length) this.done.push(...message, { ...open }, ...results);
    else this.done.push({ ...open }, ...results, ...message);
  }
}

function isStep(at: number): boolean {
  return at % itemsAtOnce === itemsAtOnce - 1;
}

function isCall({ type }: StoredItem): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}

function isOutput({ type }: StoredItem): boolean {
  return type === 'function_call_output' || type === 'custom_tool_call_output';
}

function outputText(output: unknown): string {
  return typeof output === 'string' ? output : (joined(output, textOf) ?? '');
}

function textOf(part: Fields): unknown {
  return texts.has(String(part['type'])) ? part['text'] : undefined;
}

/** The texts of the parts in one; null when there are none. */
function joined(parts: unknown, read: (part: Fields) => unknown): string | null {
  if (!Array.isArray(parts)) return null;
  const found = (parts as unknown[])
    .filter(isFields)
    .map(read)
    .filter((text) => typeof text === 'string');
  return found.length === 0 ? null : found.join('');
}

/** @param rests for each part what its item form does not hold. */
function chatParts(content: unknown, rests: readonly (Fields | null)[] = []): Fields[] {
  if (!Array.isArray(content)) return [];
  return (content as unknown[]).filter(isFields).flatMap((part, at): Fields[] => {
    const rest = rests[at];
    const given = chatPart(part) ?? rest;
    return given === undefined || given === null ? [] : [wholePart(given, namesFile(rest) ? null : rest)];
  });
}

/** What a part that named a file keeps of itself says nothing any more: the file stands in its place. */
function namesFile(rest: Fields | null | undefined): boolean {
  return isFields(rest?.['file']) && rest['file']['file_id'] !== undefined;
}

/** The form of a part in a message; undefined where it has none. That of a file's address only some providers are told. */
export function chatPart(part: Fields): Fields | undefined {
  const text = textOf(part);
  if (typeof text === 'string') return { type: 'text', text };
  const { type, image_url: url, file_data: data, filename, detail } = part;
  if (type === 'input_image') return typeof url === 'string' ? { type: 'image_url', image_url: { url, detail } } : undefined;
  if (type === 'input_file' && typeof data === 'string') return { type: 'file', file: { file_data: data, filename } };
  if (type === 'input_file')
    return isFileAddress(part) ? { type: 'file', file: { file_url: part['file_url'], filename } } : undefined;
  return itemParts.has(String(type)) ? undefined : part;
}

/** The one text of a content that has nothing else. */
function plainText(parts: readonly Fields[]): string | undefined {
  const [only] = parts;
  return parts.length === 1 && typeof only?.['text'] === 'string' ? only['text'] : undefined;
}
