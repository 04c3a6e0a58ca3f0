import { isFields, type Fields } from '../../../kernel/fields.js';
import { numberOf, printExact } from '../wire/exact-json.js';
import { furtherMembers, withPiece } from '../wire/further-members.js';
import { JsonEnd } from './json-end.js';
import { Tally } from './tally.js';

/** What a call counts besides what it says. */
const charactersOfCall = 100;

/** A call of a tool while its pieces come. */
export interface OpenCall {
  id: string;
  kind: 'function' | 'custom';
  name: string;
  input: string;
  further?: Fields | undefined;
  furtherOfTool?: Fields | undefined;
}

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

/** A call and the part of its input that a piece has added. */
export interface GrownCall {
  readonly call: OpenCall;
  readonly input: string;
}

/** The calls of tools in one answer, put together from the pieces in which providers tell them. */
export class OpenCalls {
  /** In the order in which they began. */
  readonly all: OpenCall[] = [];
  private readonly byIndex = new Map<number, OpenCall>();
  private readonly byId = new Map<string, OpenCall>();
  private readonly ends = new Map<OpenCall, JsonEnd>();
  private legacy: OpenCall | undefined;
  private readonly tally = new Tally();

  /** Characters gathered so far. */
  get characters(): number {
    return this.tally.characters;
  }

  /** The one call of the deprecated `function_call` form. */
  get ofFunction(): OpenCall | undefined {
    return this.legacy;
  }

  /**
   * Takes the `tool_calls` of a message or of a delta.
   * @param whole they are those of a message: each is a call by itself.
   */
  add(calls: readonly unknown[], whole: boolean): GrownCall[] {
    const pieces = calls.filter(isFields).map(pieceOf);
    return pieces.map((piece, at) => this.grow(this.callOf(piece, whole, pieces.length > 1 ? at : undefined), piece));
  }

  /** Takes a `function_call`. */
  addFunction(call: Fields): GrownCall {
    return this.grow((this.legacy ??= openCall('function')), pieceOf({ function: call }));
  }

  /**
   * The call that a piece belongs to. Providers stream calls with an index for each, with none, with 0 for all, or from 1
   * on: so an id tells more than an index, and a call that is complete is not added to by the next one's name.
   */
  private callOf(piece: CallPiece, whole: boolean, at: number | undefined): OpenCall {
    const open = whole ? undefined : this.continued(piece, at);
    const call = open ?? openCall(piece.kind ?? 'function');
    if (open === undefined) {
      this.all.push(call);
      this.tally.characters += charactersOfCall;
    }
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
        : ((at === undefined ? undefined : this.all[at]) ?? this.all.at(-1));
    return open === undefined || beginsAnother(open, this.isWhole(open), piece) ? undefined : open;
  }

  private grow(open: OpenCall, { id, name, input, further, furtherOfTool }: CallPiece): GrownCall {
    if (open.id === '') open.id = this.tally.text(id);
    if (open.name === '') open.name = this.tally.text(name);
    open.input += this.tally.text(input);
    this.follow(open, input);
    if (further !== undefined) open.further = withPiece(open.further, this.tally.members(further));
    if (furtherOfTool !== undefined) open.furtherOfTool = withPiece(open.furtherOfTool, this.tally.members(furtherOfTool));
    return { call: open, input };
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
