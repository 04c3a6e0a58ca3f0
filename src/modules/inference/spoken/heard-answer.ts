import { isFields, type Fields } from '../../../kernel/fields.js';
import type { AnsweredCall } from '../../kept-thoughts/tool-call.js';
import type { ChatReader } from '../dialects/dialect.js';
import { printExact } from '../wire/exact-json.js';
import { toldTool } from './told-tool.js';

/** So many characters of inputs are heard; of an answer with more no calls are known. */
const mostCharacters = 1_000_000;

interface OpenCall {
  id: string;
  name: string;
  readonly input: string[];
}

/** Reads an answer as another reader does, and hears which calls of tools it makes. */
export class HeardAnswer implements ChatReader {
  /** By their places in the answer. */
  private readonly open = new Map<unknown, OpenCall>();
  private characters = 0;

  constructor(private readonly reader: ChatReader) {}

  get finished(): boolean {
    return this.reader.finished;
  }

  get ended(): boolean {
    return this.reader.ended;
  }

  get kept(): ReadonlyMap<string, Fields> {
    return this.reader.kept;
  }

  /** The calls of the answer, once it is whole. */
  get calls(): readonly AnsweredCall[] {
    if (this.characters > mostCharacters) return [];
    return [...this.open.values()].map(({ id, name, input }) => {
      const kept = this.kept.get(id);
      return { id, name, input: input.join(''), kept: kept === undefined ? undefined : Buffer.from(printExact(kept)) };
    });
  }

  whole(given: Fields): Fields {
    const said = this.reader.whole(given);
    this.hear(said, 'message');
    return said;
  }

  take(event: Fields): readonly Fields[] {
    return this.heard(this.reader.take(event));
  }

  end(): readonly Fields[] | undefined {
    const said = this.reader.end();
    return said === undefined ? undefined : this.heard(said);
  }

  private heard(chunks: readonly Fields[]): readonly Fields[] {
    for (const chunk of chunks) this.hear(chunk, 'delta');
    return chunks;
  }

  private hear({ choices }: Fields, name: 'message' | 'delta'): void {
    const choice: unknown = Array.isArray(choices) ? (choices as unknown[])[0] : undefined;
    const said = isFields(choice) ? choice[name] : undefined;
    const calls = isFields(said) ? said['tool_calls'] : undefined;
    if (!Array.isArray(calls)) return;
    for (const [at, call] of (calls as unknown[]).entries()) if (isFields(call)) this.hearCall(call['index'] ?? at, call);
  }

  private hearCall(place: unknown, call: Fields): void {
    let open = this.open.get(place);
    if (open === undefined) this.open.set(place, (open = { id: '', name: '', input: [] }));
    const { name, input } = toldTool(call);
    if (typeof call['id'] === 'string') open.id = call['id'];
    if (typeof name === 'string') open.name = name;
    if (typeof input !== 'string') return;
    this.characters += input.length;
    if (this.characters <= mostCharacters) open.input.push(input);
  }
}
