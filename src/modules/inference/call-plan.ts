import type { IncomingHttpHeaders } from 'node:http';
import type { AgentSpec } from '../../contracts/agents.js';
import { AppError } from '../../kernel/app-error.js';
import { conversationHeader } from '../conversations/conversation-name.js';
import type { Identity } from '../keys/key-facts.js';
import type { TenantEndpoints } from '../agents/published-endpoint.js';
import { chooseEndpoint, type ChosenEndpoint } from './endpoint-choice.js';
import { hiddenTexts, refuseRepeating } from './hidden-texts.js';
import type { InferenceKind } from './inference-kinds.js';
import { instructionMessages, instructionText } from './instructions.js';
import { parameterEdits } from './parameter-edits.js';
import { countPrompts, promptWithInstructions } from './prompts.js';
import type { ChatContext } from './retrieval/chat-context.js';
import { foreignIdNames, refuseForeignIds } from './wire/foreign-ids.js';
import { findMember, readBody, readMember, type JsonBody } from './wire/json-body.js';
import { spliceBody, type Edit } from './wire/json-edit.js';
import { skipSpace } from './wire/json-tokens.js';

/** An inference request as the door hands it on. */
export interface InferenceRequest {
  readonly identity: Identity;
  readonly requestId: string;
  /** The caller's address. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** A buffer that the body is a part of and whose other bytes are free, where there is one. */
  readonly bodyRoom?: Buffer | undefined;
  /** To be called when nothing reads the body and its room any more; never, where that is not certain. */
  readonly releaseBody?: (() => void) | undefined;
  /** `performance.now()` at arrival. */
  readonly startedAt: number;
  /** What documents say to it; only in a call that was made ready to ask them. */
  readonly context?: ChatContext | undefined;
}

/** All that the relay must know of one call. */
export interface CallPlan extends ChosenEndpoint {
  readonly kind: InferenceKind;
  /** What is sent to the provider. */
  readonly body: Buffer;
  readonly stream: boolean;
  /** The client asked for the usage chunk. */
  readonly usageAsked: boolean;
  /** How many choices must finish before a stream is whole. */
  readonly choices: number;
  /** How the client wants its vectors. */
  readonly encoding: 'float' | 'base64';
  /** Longest wait, in seconds, for which a provider's 429 or 503 is tried once more; 0: never. */
  readonly retryAfterMaxSeconds: number;
  /** What the provider is told and the caller may not hear. */
  readonly hidden: readonly string[];
}

/**
 * Reads a request body without parsing it and says what is to be sent where: the provider's model, instructions in
 * front, parameters of the agent, control fields dropped, usage always asked for. One copy of the body is made.
 * @throws AppError with the contract's code for everything that is wrong at the body's top level.
 */
export function planCall(kind: InferenceKind, request: InferenceRequest, endpoints: TenantEndpoints): CallPlan {
  const body = readKnownBody(request.body);
  const { key } = request.identity;
  const chosen = chooseEndpoint(key, endpoints, request.headers, textMember(body, 'model'), kind.modality);
  refuseWire(chosen, kind);
  const stream = kind.canStream && flagMember(body, 'stream');
  const asked = stream ? streamOptions(body) : undefined;
  const { agent } = chosen.endpoint;
  const told = hiddenTexts(kind, agent, key.promptPolicy);
  const hidden = request.context === undefined ? told : [...told, ...request.context.hidden];
  if (hidden.length > 0) refuseRepeating(kind, body);
  const edits = bodyEdits(kind, body, chosen, request, asked?.withUsage);
  // Member by member: a spread of an object costs more here than all the rest of the plan.
  return {
    endpoint: chosen.endpoint,
    target: chosen.target,
    publishedName: chosen.publishedName,
    kind,
    body: spliceBody(body.bytes, body.scan, edits, roomFor(request, agent)),
    stream,
    usageAsked: asked?.usageAsked ?? false,
    choices: stream ? askedChoices(body, edits) * (kind.input === 'prompt' ? countPrompts(body) : 1) : 1,
    encoding: kind.modality === 'embed' ? encodingMember(body) : 'float',
    retryAfterMaxSeconds: agent?.retry_after_max_seconds ?? 0,
    hidden,
  };
}

/** None where the call may be planned a second time, as a turn or with passages: that reads the body as it came. */
function roomFor({ headers, bodyRoom }: InferenceRequest, agent: AgentSpec | null): Buffer | undefined {
  if (bodyRoom === undefined || headers[conversationHeader] !== undefined) return undefined;
  return agent !== null && (agent.sessions || agent.datasets.length > 0) ? undefined : bodyRoom;
}

/** What changes in the body on its way, one edit a member; what comes later here counts more. */
function bodyEdits(
  kind: InferenceKind,
  body: JsonBody,
  chosen: ChosenEndpoint,
  request: InferenceRequest,
  streamOptions: Buffer | undefined,
): Edit[] {
  const edits = new Map<string, Edit>();
  const add = (edit: Edit): unknown => edits.set(edit.key, edit);
  const { connection, encodedModel } = chosen.target;
  for (const { key } of body.scan.members) if (connection.droppedFields.has(key)) add({ op: 'remove', key });
  if (chosen.endpoint.agent !== null && kind.modality === 'chat') parameterEdits(chosen.endpoint.agent, body.scan).forEach(add);
  add({ op: 'set', key: 'model', value: encodedModel });
  if (streamOptions !== undefined) add({ op: 'set', key: 'stream_options', value: streamOptions });
  inputEdits(kind, body, chosen, request).forEach(add);
  return [...edits.values()];
}

/** The body with one reading; object ids in it that are not ours are answered like absent objects (contract section 6). */
function readKnownBody(bytes: Buffer): JsonBody {
  const body = readBody(bytes, { watch: foreignIdNames });
  refuseForeignIds(body);
  return body;
}

function inputEdits(
  kind: InferenceKind,
  body: JsonBody,
  chosen: ChosenEndpoint,
  { identity, context }: InferenceRequest,
): Edit[] {
  const member = findMember(body.scan, kind.input);
  if (member === undefined) {
    throw new AppError('missing_required_parameter', {
      param: kind.input,
      message: `Missing required parameter: '${kind.input}'.`,
    });
  }
  const { agent } = chosen.endpoint;
  if (kind.input === 'messages') {
    if (member.kind !== 'array' || skipSpace(body.bytes, member.valueStart + 1, member.valueEnd) === member.valueEnd - 1) {
      throw invalid('messages', 'expected a non-empty array of messages');
    }
    const items = withContext(instructionMessages(agent, identity.key.promptPolicy), context);
    return items === undefined ? [] : [{ op: 'prepend', key: 'messages', items }];
  }
  if (member.kind !== 'string' && member.kind !== 'array') throw invalid(kind.input, 'expected a string or an array');
  if (kind.input === 'input') return [];
  const text = instructionText(agent, identity.key.promptPolicy);
  return text === '' ? [] : [{ op: 'set', key: 'prompt', value: promptWithInstructions(readMember(body.bytes, member), text) }];
}

/** The messages in front with the quotations behind them: what a document says stands behind what agent and key say. */
function withContext(instructions: Buffer | undefined, context: ChatContext | undefined): Buffer | undefined {
  const message = context?.message;
  if (message === undefined || instructions === undefined) return message ?? instructions;
  return Buffer.concat([instructions, Buffer.from(','), message]);
}

/** A connection that speaks only the responses wire cannot be spoken to in chat form. */
function refuseWire(chosen: ChosenEndpoint, kind: InferenceKind): void {
  if (kind.modality === 'chat' && chosen.target.connection.wire === 'responses') {
    throw new AppError('unsupported_modality', {
      param: 'model',
      message: `The model \`${chosen.publishedName}\` serves /responses only.`,
    });
  }
}

function textMember(body: JsonBody, name: string): string | undefined {
  const member = findMember(body.scan, name);
  if (member === undefined || member.kind === 'null') return undefined;
  if (member.kind !== 'string') throw invalid(name, 'expected a string');
  return readMember(body.bytes, member) as string;
}

function flagMember(body: JsonBody, name: string): boolean {
  const member = findMember(body.scan, name);
  if (member === undefined || member.kind === 'null' || member.kind === 'false') return false;
  if (member.kind !== 'true') throw invalid(name, 'expected a boolean');
  return true;
}

/** The `n` that the provider is sent: the agent's where it sets or pins one, else the request's. */
function askedChoices(body: JsonBody, edits: readonly Edit[]): number {
  const edit = edits.find(({ key }) => key === 'n');
  if (edit?.op === 'remove') return 1;
  if (edit?.op === 'set') {
    const set: unknown = JSON.parse(edit.value.toString('utf8'));
    return typeof set === 'number' && set >= 1 ? set : 1;
  }
  const member = findMember(body.scan, 'n');
  if (member === undefined || member.kind === 'null') return 1;
  const value = member.kind === 'number' ? Number(readMember(body.bytes, member)) : NaN;
  if (!Number.isInteger(value) || value < 1 || value > 128) throw invalid('n', 'expected an integer from 1 to 128');
  return value;
}

function encodingMember(body: JsonBody): 'float' | 'base64' {
  const value = textMember(body, 'encoding_format') ?? 'float';
  if (value !== 'float' && value !== 'base64') throw invalid('encoding_format', "expected 'float' or 'base64'");
  return value;
}

const usageOnly = Buffer.from('{"include_usage":true}');

/** Whether the client asked for usage, and its options with usage asked for in any case. */
function streamOptions(body: JsonBody): { usageAsked: boolean; withUsage: Buffer } {
  const member = findMember(body.scan, 'stream_options');
  if (member === undefined || member.kind === 'null') return { usageAsked: false, withUsage: usageOnly };
  if (member.kind !== 'object') throw invalid('stream_options', 'expected an object');
  const options = readMember(body.bytes, member) as Record<string, unknown>;
  return {
    usageAsked: options['include_usage'] === true,
    withUsage: Buffer.from(JSON.stringify({ ...options, include_usage: true })),
  };
}

function invalid(param: string, what: string): AppError {
  return new AppError('invalid_value', { param, message: `Invalid value for '${param}': ${what}.` });
}
