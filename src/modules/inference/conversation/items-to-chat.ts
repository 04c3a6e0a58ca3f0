import type { StoredItem } from '../../conversations/conversation-record.js';
import { isFields, type Fields } from './chat-fields.js';

const texts = new Set(['input_text', 'output_text', 'text', 'summary_text', 'reasoning_text']);

interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string | null;
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
 */
export function messagesOfItems(items: readonly StoredItem[], answeredLater: ReadonlySet<string>): Fields[] {
  return new Replay(items, answeredLater).messages();
}

class Replay {
  private readonly done: Fields[] = [];
  /** The result of each call that has one. */
  private readonly results = new Map<StoredItem, Fields>();
  /** Calls whose result comes with the request. */
  private readonly awaited = new Set<StoredItem>();
  /** The assistant's message that calls of tools may still join. */
  private open: AssistantMessage | undefined;
  private readonly openCalls: StoredItem[] = [];

  constructor(
    private readonly items: readonly StoredItem[],
    private readonly answeredLater: ReadonlySet<string>,
  ) {
    this.pair();
  }

  /** An id may be used again in a later turn: a result belongs to the oldest call before it that has none yet. */
  private pair(): void {
    const open = new Map<string, StoredItem[]>();
    for (const item of this.items) {
      const callId = item['call_id'];
      if (typeof callId !== 'string') continue;
      const waiting = open.get(callId) ?? [];
      if (isCall(item)) open.set(callId, waiting).get(callId)?.push(item);
      else if (isOutput(item)) {
        const call = waiting.shift();
        if (call !== undefined)
          this.results.set(call, { role: 'tool', tool_call_id: callId, content: outputText(item['output']) });
      }
    }
    for (const callId of this.answeredLater) {
      const newest = open.get(callId)?.at(-1);
      if (newest !== undefined) this.awaited.add(newest);
    }
  }

  messages(): Fields[] {
    for (const item of this.items) this.add(item);
    this.close();
    return this.done;
  }

  private add(item: StoredItem): void {
    if (item.type === 'message') this.addMessage(item);
    else if (item.type === 'function_call')
      this.addCall(item, { type: 'function', function: { name: item['name'], arguments: item['arguments'] } });
    else if (item.type === 'custom_tool_call')
      this.addCall(item, { type: 'custom', custom: { name: item['name'], input: item['input'] } });
    else if (isOutput(item)) this.close();
  }

  private addMessage(item: StoredItem): void {
    this.close();
    const { role, content, name } = item;
    if (role === 'assistant') {
      const refusal = joined(content, (part) => (part['type'] === 'refusal' ? part['refusal'] : undefined));
      this.open = { role, content: joined(content, textOf), ...(refusal === null ? {} : { refusal }) };
      return;
    }
    const parts = chatParts(content);
    if (parts.length > 0)
      this.done.push({ role, content: plainText(parts) ?? parts, ...(typeof name === 'string' ? { name } : {}) });
  }

  private addCall(item: StoredItem, call: Fields): void {
    const id = item['call_id'];
    if (typeof id !== 'string' || !(this.results.has(item) || this.awaited.has(item))) return;
    const open = this.open ?? { role: 'assistant', content: null };
    this.open = { ...open, tool_calls: [...(open.tool_calls ?? []), { id, ...call }] };
    this.openCalls.push(item);
  }

  private close(): void {
    const { open } = this;
    this.open = undefined;
    if (open === undefined || (open.content === null && open.refusal === undefined && open.tool_calls === undefined)) return;
    this.done.push({ ...open });
    for (const call of this.openCalls.splice(0)) {
      const result = this.results.get(call);
      if (result !== undefined) this.done.push(result);
    }
  }
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

function chatParts(content: unknown): Fields[] {
  if (!Array.isArray(content)) return [];
  return (content as unknown[]).filter(isFields).flatMap((part): Fields[] => {
    const text = textOf(part);
    if (typeof text === 'string') return [{ type: 'text', text }];
    const { image_url: url, file_data: data, filename, detail } = part;
    if (part['type'] === 'input_image') return typeof url === 'string' ? [{ type: 'image_url', image_url: { url, detail } }] : [];
    if (part['type'] === 'input_file')
      return typeof data === 'string' ? [{ type: 'file', file: { file_data: data, filename } }] : [];
    return part['type'] === 'input_audio' ? [part] : [];
  });
}

/** The one text of a content that has nothing else. */
function plainText(parts: readonly Fields[]): string | undefined {
  const [only] = parts;
  return parts.length === 1 && typeof only?.['text'] === 'string' ? only['text'] : undefined;
}
