import { Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { defaultContextTokens } from '../../../contracts/agents.js';
import { AppError } from '../../../kernel/app-error.js';
import {
  conversationHeader,
  conversationNamed,
  conversationOfSession,
  type ConversationName,
} from '../../conversations/conversation-name.js';
import { ConversationStore } from '../../conversations/conversation-store.js';
import type { ConversationTurn } from '../../conversations/conversation-turn.js';
import { withNewId } from '../../conversations/item-form.js';
import type { CallPlan, InferenceRequest } from '../call-plan.js';
import type { InferenceKind } from '../inference-kinds.js';
import { OpenStreams } from '../open-streams.js';
import type { ReplySink } from '../reply-sink.js';
import { findMember, readBody, readMember } from '../wire/json-body.js';
import { spliceBody } from '../wire/json-edit.js';
import { historyWithin } from './chat-history.js';
import { roleOf } from './chat-fields.js';
import { countInstructions, itemsOfAnswer, itemsOfMessages, newMessages } from './chat-to-items.js';
import { estimateTokens, estimateTokensOfBytes } from './token-estimate.js';
import { TurnSink } from './turn-sink.js';

/** A call that has become a turn: what is now asked, and where its answer goes. */
export interface OpenTurn {
  readonly request: InferenceRequest;
  readonly sink: ReplySink;
}

const sessionHeaders = ['x-gt-session-key', 'x-openclaw-session-key'] as const;
/** What is left for the answer where the request does not say how long it may be; never more than half of the context. */
const answerTokens = 4_096;
const longest = new Set(['max_tokens', 'max_completion_tokens']);

/** Makes chat calls turns of conversations: finds which, waits for the turns before, puts the history in front. */
@Injectable()
export class ChatTurns {
  constructor(
    private readonly store: ConversationStore,
    private readonly openStreams: OpenStreams,
  ) {}

  /** The conversation that the call's header names. An empty header is none. @throws AppError invalid_value. */
  named(kind: InferenceKind, headers: IncomingHttpHeaders): ConversationName | undefined {
    const value = headers[conversationHeader];
    return value === undefined || value === '' || kind.input !== 'messages' ? undefined : conversationNamed(String(value));
  }

  /**
   * The conversation that the call continues: the named one, else that of its session, where its agent has sessions on.
   * Where the tenant has switched conversations off there is none.
   * @throws AppError not_found when it is then named by an id of ours.
   */
  continued(named: ConversationName | undefined, plan: CallPlan, request: InferenceRequest): ConversationName | undefined {
    if (named === undefined && plan.endpoint.agent?.sessions !== true) return undefined;
    if (!request.identity.tenant.groupsOff.has('conversations')) return named ?? sessionOf(plan.kind, request);
    if (named?.kind === 'own') throw new AppError('not_found', { param: conversationHeader, message: 'No such conversation.' });
    return undefined;
  }

  /**
   * Begins the turn. Afterwards the given sink must not be used any more; the turn ends with the new one.
   * @throws AppError not_found, conflict, invalid_request; what ended the waiting when the caller left or lost the key.
   */
  async open(name: ConversationName, plan: CallPlan, request: InferenceRequest, sink: ReplySink): Promise<OpenTurn> {
    const messages = messagesOf(request.body);
    const turn = await this.begin(name, plan, request, sink);
    try {
      const history = messages.some((message) => roleOf(message) === 'assistant') ? 'client' : 'server';
      const body = history === 'client' ? request.body : await withHistory(turn, plan, request.body, messages);
      return { request: { ...request, body }, sink: new TurnSink(sink, endingOf(turn, messages, history)) };
    } catch (error) {
      await turn.abandon();
      throw error;
    }
  }

  /** Waits until it is this call's turn, watched over like an open stream: its key may be revoked, its client may leave. */
  private async begin(
    name: ConversationName,
    plan: CallPlan,
    request: InferenceRequest,
    sink: ReplySink,
  ): Promise<ConversationTurn> {
    const { endpoint, kind } = plan;
    const { identity, ip, startedAt } = request;
    const { tenantId, id: keyId } = identity.key;
    const ended = new AbortController();
    const leave = (): void => ended.abort(new AppError('request_timeout', { message: 'The client left.' }));
    sink.onGone(leave);
    if (sink.gone) leave();
    const abort = (error: AppError): void => ended.abort(error);
    const { routeId, modality } = kind;
    const unwatch = this.openStreams.add({ identity, ip, startedAt, routeId, use: { endpoint, modality }, abort });
    try {
      const id = await this.store.resolve({ tenantId, keyId }, name, endpoint.name);
      sink.setHeader(conversationHeader, id);
      return await this.store.beginTurn(tenantId, id, ended.signal);
    } finally {
      unwatch();
    }
  }
}

/** The session that a header names, or OpenAI's `user`. */
function sessionOf(kind: InferenceKind, { headers, body: bytes }: InferenceRequest): ConversationName | undefined {
  if (kind.input !== 'messages') return undefined;
  const header = sessionHeaders.map((name) => headers[name]).find((value) => value !== undefined && value !== '');
  if (header !== undefined) return conversationOfSession(String(header));
  const body = readBody(bytes);
  const member = findMember(body.scan, 'user');
  const user = member?.kind === 'string' ? readMember(body.bytes, member) : undefined;
  return typeof user === 'string' && user !== '' ? conversationOfSession(user) : undefined;
}

function messagesOf(bytes: Buffer): readonly unknown[] {
  const body = readBody(bytes);
  const member = findMember(body.scan, 'messages');
  return member === undefined ? [] : (readMember(body.bytes, member) as unknown[]);
}

/** The request with what was stored before it, behind its instructions. */
async function withHistory(turn: ConversationTurn, plan: CallPlan, bytes: Buffer, messages: readonly unknown[]): Promise<Buffer> {
  const stored = await historyWithin(turn, historyBudget(plan), messages);
  if (stored.length === 0) return bytes;
  const instructions = countInstructions(messages);
  const all = [...messages.slice(0, instructions), ...stored, ...messages.slice(instructions)];
  const body = readBody(bytes);
  return spliceBody(body.bytes, body.scan, [{ op: 'set', key: 'messages', value: Buffer.from(JSON.stringify(all)) }]);
}

/** How many tokens of the model's context are left beside the request, with the instructions, and its answer. */
function historyBudget(plan: CallPlan): number {
  const context = plan.endpoint.agent?.context_tokens ?? defaultContextTokens;
  const { bytes, scan } = readBody(plan.body);
  let asked = 0;
  let answer = Math.min(answerTokens, context / 4);
  for (const member of scan.members) {
    if (member.key === 'messages') asked += estimateTokens(readMember(bytes, member));
    else asked += estimateTokensOfBytes(member.valueEnd - member.keyStart);
    if (longest.has(member.key) && member.kind === 'number') answer = Number(readMember(bytes, member));
  }
  return context - asked - Math.min(answer, context / 2);
}

function endingOf(turn: ConversationTurn, messages: readonly unknown[], history: 'client' | 'server') {
  const asked = itemsOfMessages(newMessages(messages));
  return {
    mark: { history, conversation_id: turn.conversationId },
    async keep(answer: Parameters<typeof itemsOfAnswer>[0] | undefined): Promise<void> {
      if (answer === undefined) await turn.abandon();
      else await turn.commit([...asked, ...itemsOfAnswer(answer)].map(withNewId));
    },
    abandon: () => void turn.abandon(),
  };
}
