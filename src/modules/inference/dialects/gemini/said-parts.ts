import { isFields, type Fields } from '../../../../kernel/fields.js';
import { randomBase62 } from '../../../../kernel/ids.js';
import { printExact } from '../../wire/exact-json.js';
import { signedMembers } from './thought-signatures.js';

/** What parts of an answer say, in the words of chat. */
export interface Said {
  readonly text: string;
  readonly thought: string;
  /** Each with the place it has among all calls of the answer. */
  readonly calls: readonly Fields[];
  /** The signature of the thoughts that led to the text. */
  readonly signature: string | undefined;
}

/** Says the parts of one answer, event by event. Parts of a type that is not known say nothing. */
export class SaidParts {
  /** What Gemini wants back with its calls. */
  readonly kept = new Map<string, Fields>();
  private count = 0;

  /** @param customs names of tools that take a text. */
  constructor(private readonly customs: ReadonlySet<unknown>) {}

  /** How many calls were made. */
  get calls(): number {
    return this.count;
  }

  take(parts: readonly unknown[]): Said {
    let text = '';
    let thought = '';
    let signature: string | undefined;
    const calls: Fields[] = [];
    for (const part of parts) {
      if (!isFields(part)) continue;
      const { text: words, functionCall, thoughtSignature: signed } = part;
      if (isFields(functionCall)) {
        calls.push(this.call(functionCall, signed));
        continue;
      }
      if (typeof words === 'string')
        if (part['thought'] === true) thought += words;
        else text += words;
      if (typeof signed === 'string' && signed !== '') signature = signed;
    }
    return { text, thought, calls, signature };
  }

  private call({ id: given, name: told, args }: Fields, signed: unknown): Fields {
    const id = typeof given === 'string' && given !== '' ? given : `call_${randomBase62(24)}`;
    const name = String(told);
    const further = typeof signed === 'string' && signed !== '' ? signedMembers(signed) : undefined;
    if (further !== undefined) this.kept.set(id, further);
    const index = this.count;
    this.count += 1;
    const input = isFields(args) ? args : {};
    return this.customs.has(name)
      ? { index, id, type: 'custom', custom: { name, input: textOf(input) }, ...further }
      : { index, id, type: 'function', function: { name, arguments: printExact(input) }, ...further };
  }
}

/** The one text that a custom tool takes. */
function textOf(args: Fields): string {
  const { input } = args;
  return typeof input === 'string' ? input : printExact(args);
}
