import { isFields } from './chat-fields.js';

/** A call of a tool in an answer; `input` is JSON for a function and free text for a custom tool. */
export interface AnsweredCall {
  readonly id: string;
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly input: string;
}

/** What the first choice of a chat reply says. */
export interface ChatAnswer {
  readonly text: string | null;
  readonly refusal: string | null;
  readonly calls: readonly AnsweredCall[];
}

interface OpenCall {
  id: string;
  kind: 'function' | 'custom';
  name: string;
  input: string;
}

/** The id under which a call of the deprecated `function_call` form is kept: that form has none. */
export function callIdOfFunction(name: string): string {
  return `call_fn_${name}`;
}

/** Gathers the first choice of a reply, from its one message or from the deltas of its chunks. */
export class AnswerCollector {
  private text: string | null = null;
  private refusal: string | null = null;
  private readonly calls: OpenCall[] = [];
  private legacy: OpenCall | undefined;
  private seen = false;
  private size = 0;
  private isFinished = false;

  /** A choice, whichever, has its `finish_reason`. */
  get finished(): boolean {
    return this.isFinished;
  }

  /** Characters gathered so far. */
  get characters(): number {
    return this.size;
  }

  /** Takes a plain reply or a chunk. What is no reply says nothing. */
  add(reply: unknown): void {
    if (!isFields(reply) || !Array.isArray(reply['choices'])) return;
    for (const choice of reply['choices'] as unknown[]) {
      if (!isFields(choice)) continue;
      if (typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '') this.isFinished = true;
      const said = choice['message'] ?? choice['delta'];
      if ((choice['index'] ?? 0) === 0 && isFields(said)) this.addSaid(said);
    }
  }

  /** The whole answer; undefined when there was none. */
  answer(): ChatAnswer | undefined {
    if (!this.seen) return undefined;
    const calls =
      this.legacy === undefined ? this.calls : [...this.calls, { ...this.legacy, id: callIdOfFunction(this.legacy.name) }];
    return { text: this.text, refusal: this.refusal, calls: calls.filter(({ name }) => name !== '') };
  }

  private addSaid(said: Readonly<Record<string, unknown>>): void {
    this.seen = true;
    const { content, refusal, tool_calls: calls, function_call: legacy, audio } = said;
    const spoken = typeof content === 'string' ? content : isFields(audio) ? audio['transcript'] : undefined;
    if (typeof spoken === 'string') this.text = (this.text ?? '') + this.counted(spoken);
    if (typeof refusal === 'string') this.refusal = (this.refusal ?? '') + this.counted(refusal);
    if (Array.isArray(calls)) (calls as unknown[]).forEach((call, at) => this.addCall(call, at));
    if (isFields(legacy)) this.grow((this.legacy ??= openCall('function')), legacy, 'arguments');
  }

  private addCall(call: unknown, at: number): void {
    if (!isFields(call)) return;
    const index = typeof call['index'] === 'number' ? call['index'] : at;
    if (!Number.isInteger(index) || index < 0 || index > this.calls.length) return;
    const custom = call['type'] === 'custom' || isFields(call['custom']);
    const open = (this.calls[index] ??= openCall(custom ? 'custom' : 'function'));
    if (typeof call['id'] === 'string' && call['id'] !== '') open.id = call['id'];
    const inner = call[open.kind];
    if (isFields(inner)) this.grow(open, inner, open.kind === 'custom' ? 'input' : 'arguments');
  }

  private grow(open: OpenCall, piece: Readonly<Record<string, unknown>>, member: 'arguments' | 'input'): void {
    const { name, [member]: input } = piece;
    if (typeof name === 'string' && open.name === '') open.name = this.counted(name);
    if (typeof input === 'string') open.input += this.counted(input);
  }

  private counted(text: string): string {
    this.size += text.length;
    return text;
  }
}

function openCall(kind: OpenCall['kind']): OpenCall {
  return { id: '', kind, name: '', input: '' };
}
