import { isFields, type Fields } from '../../../../kernel/fields.js';
import { numberOf, printExact } from '../../wire/exact-json.js';
import { grownParts } from './answer-parts.js';
import { furtherMembers, withPiece } from './further-members.js';
import { JsonEnd } from './json-end.js';

/** A call of a tool in an answer; `input` is JSON for a function and free text for a custom tool. */
export interface AnsweredCall {
  readonly id: string;
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly input: string;
  /** Further members of the call, and of the function or custom tool within it. */
  readonly further?: Fields | undefined;
  readonly furtherOfTool?: Fields | undefined;
}

/** What the first choice of a chat reply says. */
export interface ChatAnswer {
  readonly text: string | null;
  readonly refusal: string | null;
  readonly calls: readonly AnsweredCall[];
  /** Further members of the message, e.g. what a model thought. */
  readonly further?: Fields | undefined;
  /** The content, where it is a list of parts. */
  readonly parts?: readonly unknown[] | undefined;
}

interface OpenCall {
  id: string;
  kind: 'function' | 'custom';
  name: string;
  input: string;
  further?: Fields | undefined;
  furtherOfTool?: Fields | undefined;
}

const knownOfMessage = new Set(['role', 'content', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations']);
const knownOfCall = new Set(['id', 'index', 'type', 'function', 'custom']);
const knownOfTool = new Set(['name', 'arguments', 'input']);

/** The members of a call of a tool that say what it is, in a message or in one delta. */
interface CallPiece {
  readonly id: string;
  readonly index: number | undefined;
  readonly kind: 'function' | 'custom' | undefined;
  readonly name: string;
  readonly input: string;
  readonly further: Fields | undefined;
  readonly furtherOfTool: Fields | undefined;
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
  private readonly byIndex = new Map<number, OpenCall>();
  private readonly byId = new Map<string, OpenCall>();
  private readonly ends = new Map<OpenCall, JsonEnd>();
  private legacy: OpenCall | undefined;
  private further: Fields | undefined;
  private parts: unknown[] | undefined;
  /** The texts that came before any part. */
  private plainText = '';
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

  /** Takes a plain reply or a chunk, with its numbers as they were written. What is no reply says nothing. */
  add(reply: unknown): void {
    if (!isFields(reply) || !Array.isArray(reply['choices'])) return;
    for (const choice of reply['choices'] as unknown[]) {
      if (!isFields(choice)) continue;
      if (typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '') this.isFinished = true;
      const said = choice['message'] ?? choice['delta'];
      if (numberOf(choice['index'] ?? 0) === 0 && isFields(said)) this.addSaid(said, isFields(choice['message']));
    }
  }

  /** The whole answer; undefined when there was none. */
  answer(): ChatAnswer | undefined {
    if (!this.seen) return undefined;
    const calls =
      this.legacy === undefined ? this.calls : [...this.calls, { ...this.legacy, id: callIdOfFunction(this.legacy.name) }];
    const answer = { text: this.text, refusal: this.refusal, calls: calls.filter(({ name }) => name !== '') };
    const { further, parts } = this;
    return { ...answer, ...(further === undefined ? {} : { further }), ...(parts === undefined ? {} : { parts }) };
  }

  private addSaid(said: Fields, whole: boolean): void {
    this.seen = true;
    const { content, refusal, tool_calls: calls, function_call: legacy, audio } = said;
    const spoken = textOf(content) ?? (isFields(audio) ? audio['transcript'] : undefined);
    if (typeof spoken === 'string') this.text = (this.text ?? '') + this.counted(spoken);
    if (typeof refusal === 'string') this.refusal = (this.refusal ?? '') + this.counted(refusal);
    this.addParts(content, whole);
    this.further = withPiece(this.further, this.weighed(furtherMembers(said, knownOfMessage)));
    if (Array.isArray(calls)) {
      const pieces = (calls as unknown[]).filter(isFields).map(pieceOf);
      pieces.forEach((piece, at) => this.grow(this.callOf(piece, whole, pieces.length > 1 ? at : undefined), piece));
    }
    if (isFields(legacy)) this.grow((this.legacy ??= openCall('function')), pieceOf({ function: legacy }));
  }

  /** A content that once came as parts stays parts: a text before or behind them is one, too. */
  private addParts(content: unknown, whole: boolean): void {
    if (Array.isArray(content)) {
      const list = content as unknown[];
      const before = this.parts ?? (this.plainText === '' ? [] : [{ type: 'text', text: this.plainText }]);
      this.parts = whole ? list : grownParts(before, list);
    } else if (typeof content === 'string' && content !== '') {
      if (this.parts === undefined) this.plainText += content;
      else this.parts = grownParts(this.parts, [{ type: 'text', text: content }]);
    }
  }

  /**
   * The call that a piece belongs to. Providers stream calls with an index for each, with none, with 0 for all, or from 1
   * on: so an id tells more than an index, and a call that is complete is not added to by the next one's name.
   */
  private callOf(piece: CallPiece, whole: boolean, at: number | undefined): OpenCall {
    const open = whole ? undefined : this.continued(piece, at);
    const call = open ?? openCall(piece.kind ?? 'function');
    if (open === undefined) this.calls.push(call);
    if (piece.index !== undefined) this.byIndex.set(piece.index, call);
    if (piece.id !== '') this.byId.set(piece.id, call);
    return call;
  }

  private continued(piece: CallPiece, at: number | undefined): OpenCall | undefined {
    const known = this.byId.get(piece.id);
    if (known !== undefined) return known;
    const open =
      piece.index !== undefined
        ? this.byIndex.get(piece.index)
        : ((at === undefined ? undefined : this.calls[at]) ?? this.calls.at(-1));
    return open === undefined || beginsAnother(open, this.isWhole(open), piece) ? undefined : open;
  }

  private grow(open: OpenCall, { id, name, input, further, furtherOfTool }: CallPiece): void {
    if (open.id === '') open.id = this.counted(id);
    if (open.name === '') open.name = this.counted(name);
    open.input += this.counted(input);
    this.follow(open, input);
    if (further !== undefined) open.further = withPiece(open.further, this.weighed(further));
    if (furtherOfTool !== undefined) open.furtherOfTool = withPiece(open.furtherOfTool, this.weighed(furtherOfTool));
  }

  private follow(open: OpenCall, input: string): void {
    if (input === '') return;
    let end = this.ends.get(open);
    if (end === undefined) this.ends.set(open, (end = new JsonEnd()));
    end.take(input);
  }

  /** Whether the arguments of a call are complete. */
  private isWhole(open: OpenCall): boolean {
    return open.name !== '' && open.kind !== 'custom' && this.ends.get(open)?.complete === true;
  }

  private weighed(further: Fields | undefined): Fields | undefined {
    if (further !== undefined) this.size += JSON.stringify(further).length;
    return further;
  }

  private counted(text: string): string {
    this.size += text.length;
    return text;
  }
}

function openCall(kind: OpenCall['kind']): OpenCall {
  return { id: '', kind, name: '', input: '' };
}

function pieceOf(call: Fields): CallPiece {
  const { id, type, function: plain, custom } = call;
  const index = numberOf(call['index']);
  const kind = type === 'custom' || isFields(custom) ? 'custom' : isFields(plain) ? 'function' : undefined;
  const inner = kind === 'custom' ? custom : plain;
  const { name, [kind === 'custom' ? 'input' : 'arguments']: input } = isFields(inner) ? inner : {};
  return {
    id: typeof id === 'string' ? id : '',
    index: index !== undefined && Number.isInteger(index) && index >= 0 ? index : undefined,
    kind,
    name: typeof name === 'string' ? name : '',
    // Some providers give the arguments as an object: their JSON text is what everybody else says.
    input: typeof input === 'string' ? input : typeof input === 'object' && input !== null ? printExact(input) : '',
    further: furtherMembers(call, knownOfCall),
    furtherOfTool: isFields(inner) ? furtherMembers(inner, knownOfTool) : undefined,
  };
}

/** Whether a piece that may continue a call is the beginning of the next one. */
function beginsAnother(open: OpenCall, isWhole: boolean, { id, name, input }: CallPiece): boolean {
  const otherId = id !== '' && open.id !== '' && id !== open.id;
  if (otherId) return name !== '' || isWhole;
  if (name === '' || open.name === '' || id !== '') return false;
  return name !== open.name || (input !== '' && isWhole);
}

/** The text of a content: itself, or what its parts of text say together. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = (content as unknown[])
    .filter(isFields)
    .flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []));
  return texts.length === 0 ? undefined : texts.join('');
}
