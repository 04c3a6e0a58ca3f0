import { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { jsonSize } from '../../../../kernel/json-size.js';
import { conversationNamed, type ConversationName } from '../../../conversations/conversation-name.js';
import { flagMember, invalid, missing, textMember } from '../../call/request-body.js';
import { compactionThreshold } from '../chat/compaction.js';
import { readExact } from '../../wire/exact-json.js';
import { findMember, readBody, readMember, type JsonBody } from '../../wire/json-body.js';

/** So many values may the input have: reading it is one step of the event loop. */
const maxValues = 100_000;

/** What a reply may be asked to include (OpenAI's list). */
const includable = new Set([
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
  'file_search_call.results',
  'message.input_image.image_url',
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'web_search_call.action.sources',
  'web_search_call.results',
]);

/** What a request for a response says, as far as the platform must know it; everything else stays bytes. */
export interface ResponsesRequest {
  readonly body: JsonBody;
  /** A text, or items with their numbers as they were written. */
  readonly input: string | readonly Fields[];
  readonly instructions: string | undefined;
  readonly previousResponseId: string | undefined;
  readonly conversation: ConversationName | undefined;
  readonly store: boolean;
  /** A worker makes it. */
  readonly background: boolean;
  readonly stream: boolean;
  /** From how many tokens of input on a compaction is wanted. */
  readonly compactThreshold: number | undefined;
  /** Of an input that is too long the oldest is left out. */
  readonly truncates: boolean;
  readonly include: readonly string[];
  readonly user: string | undefined;
}

/** How a request is read. */
export interface RequestForm {
  /** A request without `input` is refused. */
  readonly needsInput: boolean;
  /** It asks for a compaction, in one piece, whatever its input says. */
  readonly compacts?: true;
  /** Its client may leave it to a worker; elsewhere `background` says nothing. */
  readonly inBackground?: true;
}

/** @throws AppError with the contract's code for what is wrong with it. */
export function readResponsesRequest(bytes: Buffer, { needsInput, compacts, inBackground }: RequestForm): ResponsesRequest {
  const body = readBody(bytes);
  const previousResponseId = textMember(body, 'previous_response_id');
  const conversation = conversationOf(body);
  if (previousResponseId !== undefined && conversation !== undefined) {
    throw invalid('previous_response_id', "it cannot be combined with 'conversation'");
  }
  if (isGiven(body, 'prompt')) {
    throw new AppError('invalid_value', { param: 'prompt', message: 'There are no stored prompts here: send the text instead.' });
  }
  const store = isGiven(body, 'store') ? flagMember(body, 'store') : true;
  const background = inBackground === true && flagMember(body, 'background');
  if (background && !store)
    throw invalid('background', "a response in the background must be stored: it cannot stand beside 'store: false'");
  return {
    body,
    input: !needsInput && !isGiven(body, 'input') ? [] : inputOf(body),
    instructions: textMember(body, 'instructions'),
    previousResponseId,
    conversation,
    store,
    background,
    stream: compacts !== true && flagMember(body, 'stream'),
    compactThreshold: compactionThreshold(givenMember(body, 'context_management')),
    truncates: truncatesOf(body),
    include: includeOf(body),
    user: textMember(body, 'user'),
  };
}

/** True for a member that says something. */
export function isGiven(body: JsonBody, name: string): boolean {
  const member = findMember(body.scan, name);
  return member !== undefined && member.kind !== 'null';
}

/** The parsed value of a member; undefined where it is absent or null. */
export function givenMember(body: JsonBody, name: string): unknown {
  const member = findMember(body.scan, name);
  return member === undefined || member.kind === 'null' ? undefined : readMember(body.bytes, member);
}

function inputOf(body: JsonBody): string | readonly Fields[] {
  const member = findMember(body.scan, 'input');
  if (member === undefined || member.kind === 'null') throw missing('input');
  if (member.kind === 'string') return readMember(body.bytes, member) as string;
  if (member.kind !== 'array') throw invalid('input', 'expected a string or an array of items');
  const { valueStart, valueEnd } = member;
  if (jsonSize(body.bytes, maxValues, valueStart, valueEnd).values > maxValues)
    throw invalid('input', `it has more than ${maxValues} values`);
  const items = readExact(body.bytes.subarray(valueStart, valueEnd), readMember(body.bytes, member)) as unknown[];
  items.forEach((item, at) => {
    if (!isFields(item)) throw invalid(`input[${at}]`, 'expected an object');
  });
  return items as Fields[];
}

function conversationOf(body: JsonBody): ConversationName | undefined {
  const given = givenMember(body, 'conversation');
  if (given === undefined) return undefined;
  const id = isFields(given) ? given['id'] : given;
  if (typeof id !== 'string' || id === '') throw invalid('conversation', "expected a conversation's id, or an object with it");
  return conversationNamed(id, 'conversation');
}

function truncatesOf(body: JsonBody): boolean {
  const given = textMember(body, 'truncation') ?? 'disabled';
  if (given !== 'auto' && given !== 'disabled') throw invalid('truncation', "expected 'auto' or 'disabled'");
  return given === 'auto';
}

function includeOf(body: JsonBody): readonly string[] {
  const given = givenMember(body, 'include');
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw invalid('include', 'expected an array');
  (given as unknown[]).forEach((name, at) => {
    if (typeof name !== 'string' || !includable.has(name))
      throw invalid(`include[${at}]`, `expected one of ${[...includable].join(', ')}`);
  });
  return given as string[];
}

/** The id of a kept item to which this one only refers; undefined for an item of its own. */
export function referenceOf(item: Fields): string | undefined {
  const { type, role, id } = item;
  const isReference = type === 'item_reference' || ((type === undefined || type === null) && role === undefined);
  return isReference && typeof id === 'string' ? id : undefined;
}
