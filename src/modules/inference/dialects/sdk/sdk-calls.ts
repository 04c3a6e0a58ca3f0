import { isFields, type Fields } from '../../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../../kernel/parse-json.js';
import { signedMembers } from '../gemini/thought-signatures.js';

interface OpenCall {
  readonly index: number;
  readonly isCustom: boolean;
  /** Some of its input has been told. */
  hasInput: boolean;
}

/**
 * Calls of tools as the parts of a model tell them: some packages give the input in pieces and then the whole once more, some
 * only the whole. Each is said once, as what a stream of chat says of `tool_calls`.
 */
export class SdkCalls {
  /** What Gemini wants back with its calls, by their ids. */
  readonly kept = new Map<string, Fields>();
  private readonly open = new Map<unknown, OpenCall>();

  /** @param customs names of tools that take a text: they are said when their text is whole. */
  constructor(private readonly customs: ReadonlySet<unknown>) {}

  /** How many calls were made. */
  get count(): number {
    return this.open.size;
  }

  begin({ id, toolName: name }: Fields): Fields | undefined {
    const { index, isCustom } = this.opened(id, name);
    return isCustom ? undefined : { index, id, type: 'function', function: { name, arguments: '' } };
  }

  grow({ id, delta }: Fields): Fields | undefined {
    const call = this.open.get(id);
    if (call === undefined || call.isCustom || typeof delta !== 'string' || delta === '') return undefined;
    call.hasInput = true;
    return { index: call.index, function: { arguments: delta } };
  }

  /** What is still to be said of a call that is whole; undefined where nothing is. */
  whole({ toolCallId: id, toolName: name, input, providerMetadata }: Fields): Fields | undefined {
    const isBegun = this.open.has(id);
    const { index, isCustom, hasInput } = this.opened(id, name);
    const further = this.signatureOf(String(id), providerMetadata);
    const text = inputText(input);
    if (isCustom) return { index, id, type: 'custom', custom: { name, input: customText(text) }, ...further };
    if (!isBegun) return { index, id, type: 'function', function: { name, arguments: text }, ...further };
    if (!hasInput) return { index, function: { arguments: text }, ...further };
    return further === undefined ? undefined : { index, ...further };
  }

  private opened(id: unknown, name: unknown): OpenCall {
    const known = this.open.get(id);
    if (known !== undefined) return known;
    const call = { index: this.open.size, isCustom: this.customs.has(name), hasInput: false };
    this.open.set(id, call);
    return call;
  }

  private signatureOf(id: string, metadata: unknown): Fields | undefined {
    const { google, vertex } = isFields(metadata) ? metadata : {};
    const signature = [vertex, google].map((one) => (isFields(one) ? one['thoughtSignature'] : undefined)).find(isText);
    if (signature === undefined) return undefined;
    const further = signedMembers(signature);
    this.kept.set(id, further);
    return further;
  }
}

/** A tool without arguments may be called with none at all. */
function inputText(input: unknown): string {
  const text = typeof input === 'string' ? input.trim() : '';
  return text === '' || text === 'null' ? '{}' : text;
}

/** The one text that a custom tool takes. */
function customText(text: string): string {
  const read = parsedOrUndefined(text);
  return isFields(read) && typeof read['input'] === 'string' ? read['input'] : text;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
