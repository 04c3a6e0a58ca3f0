import { metadata as metadataForm } from '../../../../contracts/conversations.js';
import { fieldPath, plainWords } from '../../../../contracts/field-faults.js';
import { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { maxStoredBytes } from '../../../stored-completions/completion-record.js';
import { invalid } from '../../call/request-body.js';
import { printExact } from '../../wire/exact-json.js';
import { findMember, type JsonBody } from '../../wire/json-body.js';
import { boundedMember, exactMember } from './bounded-member.js';

/** What a stored completion keeps of its request, as JSON that is shown again. */
export interface StoredRequest {
  readonly metadata: Readonly<Record<string, string>>;
  /** The messages, each without an id. */
  readonly messages: readonly string[];
  /** An object of the parameters that are shown with the completion. */
  readonly parameters: string;
}

const what = 'a stored completion';

/** Parameters that OpenAI shows with a stored completion; null stands for those that the request does not say. */
const shown = [
  'tools',
  'tool_choice',
  'response_format',
  'seed',
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
] as const;

/**
 * Reads what is stored of a request: its own words, before anything of the agent is put in.
 * @param messages as they were sent, numbers as they were written.
 * @throws AppError invalid_value for metadata that is none, payload_too_large for a request that is too long to be stored.
 */
export function storedRequest(body: JsonBody, messages: readonly unknown[], requestId: string): StoredRequest {
  const parameters: Record<string, unknown> = { request_id: requestId, input_user: memberOf(body, 'user') };
  for (const name of shown) parameters[name] = memberOf(body, name);
  if (Array.isArray(parameters['tools'])) parameters['tools'] = (parameters['tools'] as unknown[]).map(shownTool);
  const request = {
    metadata: metadataOf(body),
    messages: messages.map((message) => printExact(shownMessage(message))),
    parameters: printExact(parameters),
  };
  const texts = [...request.messages, request.parameters];
  if (texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0) > maxStoredBytes) {
    throw new AppError('payload_too_large', {
      param: 'store',
      message: `The request is too long to be stored: ${what} takes at most ${maxStoredBytes} bytes of messages and tools.`,
    });
  }
  return request;
}

function memberOf(body: JsonBody, name: string): unknown {
  const member = findMember(body.scan, name);
  return member === undefined ? null : exactMember(body, member, boundedMember(body, member, what));
}

function metadataOf(body: JsonBody): Readonly<Record<string, string>> {
  const member = findMember(body.scan, 'metadata');
  if (member === undefined || member.kind === 'null') return {};
  const read = metadataForm.safeParse(boundedMember(body, member, what));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw invalid(fieldPath(['metadata', ...(issue?.path ?? [])]), plainWords(issue?.message ?? 'expected short texts'));
}

/** OpenAI's form: a content of several parts stands in a member of its own. */
function shownMessage(message: unknown): Fields {
  if (!isFields(message)) return {};
  const { id: _id, role, content, content_parts: _parts, ...others } = message;
  const isList = Array.isArray(content);
  return {
    role,
    content: isList ? null : (content ?? null),
    name: null,
    refusal: null,
    ...others,
    content_parts: isList ? content : null,
  };
}

/** Of a tool that is neither a function nor a custom one only its type is shown: it may hold addresses and credentials. */
function shownTool(tool: unknown): unknown {
  if (!isFields(tool)) return tool;
  return tool['type'] === 'function' || tool['type'] === 'custom' ? tool : { type: tool['type'] ?? null };
}
