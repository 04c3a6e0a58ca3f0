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
import { contextBytes, type ChatContext } from '../retrieval/chat-context.js';
import { ChatPassages, type ChatQuestion } from '../retrieval/chat-passages.js';
import { findMember, readBody, readMember } from '../wire/json-body.js';
import { spliceBody } from '../wire/json-edit.js';
import { historyWithin } from './chat-history.js';
import { roleOf } from './chat-fields.js';
import { countInstructions, itemsOfAnswer, itemsOfMessages, newMessages } from './chat-to-items.js';
import { estimateTokens, estimateTokensOfBytes } from './token-estimate.js';
import { TurnSink, type TurnEnding } from './turn-sink.js';

/** A call that has become a turn or was given passages: what is now asked, and where its answer goes. */
export interface OpenTurn {
  readonly request: InferenceRequest;
  readonly sink: ReplySink;
}

const sessionHeaders = ['x-gt-session-key', 'x-openclaw-session-key'] as const;
/** What is left for the answer where the request does not say how long it may be; never more than half of the context. */
const answerTokens = 4_096;
const longest = new Set(['max_tokens', 'max_completion_tokens']);

/**
 * Makes chat calls turns of conversations: finds which, waits for the turns before, puts the history in front. Passages of
 * documents are put in front too, in turns and in calls of agents with datasets.
 */
@Injectable()
export class ChatTurns {
  constructor(
    private readonly store: ConversationStore,
    private readonly openStreams: OpenStreams,
    private readonly passages: ChatPassages,
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
   * Begins the turn, where the call continues a conversation, and finds the passages that help to answer. Afterwards the
   * given sink must not be used any more; the turn ends with the new one.
   * @throws AppError not_found, conflict, invalid_request; what ended the waiting when the caller left or lost the key.
   */
  async open(name: ConversationName | undefined, plan: CallPlan, request: InferenceRequest, sink: ReplySink): Promise<OpenTurn> {
    const messages = messagesOf(request.body);
    return this.watched(plan, request, sink, async (signal) => {
      const turn = name === undefined ? undefined : await this.begin(name, plan, request, sink, signal);
      try {
        const question = { plan, request, messages, conversationId: turn?.conversationId, signal };
        return await opened(question, turn, await this.passages.of(question), sink);
      } catch (error) {
        await turn?.abandon();
        throw error;
      }
    });
  }

  /** Waits until it is this call's turn. */
  private async begin(
    name: ConversationName,
    { endpoint }: CallPlan,
    { identity }: InferenceRequest,
    sink: ReplySink,
    signal: AbortSignal,
  ): Promise<ConversationTurn> {
    const { tenantId, id: keyId } = identity.key;
    const id = await this.store.resolve({ tenantId, keyId }, name, endpoint.name);
    sink.setHeader(conversationHeader, id);
    return this.store.beginTurn(tenantId, id, signal);
  }

  /** Watches over what is waited for like over an open stream: its key may be revoked, its client may leave. */
  private async watched<T>(
    { endpoint, kind: { routeId, modality } }: CallPlan,
    { identity, ip, startedAt }: InferenceRequest,
    sink: ReplySink,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const ended = new AbortController();
    const leave = (): void => ended.abort(new AppError('request_timeout', { message: 'The client left.' }));
    sink.onGone(leave);
    if (sink.gone) leave();
    const abort = (error: AppError): void => ended.abort(error);
    const unwatch = this.openStreams.add({ identity, ip, startedAt, routeId, use: { endpoint, modality }, abort });
    try {
      return await work(ended.signal);
    } finally {
      unwatch();
    }
  }
}

/** What is asked now: the request with its history, where the store has it, and the passages; `gt` says what was added. */
async function opened(
  { plan, request, messages }: ChatQuestion,
  turn: ConversationTurn | undefined,
  context: ChatContext | undefined,
  sink: ReplySink,
): Promise<OpenTurn> {
  const sources = context === undefined ? {} : { sources: context.sources };
  if (turn === undefined) return { request: { ...request, context }, sink: new TurnSink(sink, sources) };
  const history = messages.some((message) => roleOf(message) === 'assistant') ? 'client' : 'server';
  const budget = historyBudget(plan) - estimateTokensOfBytes(contextBytes(context));
  const body = history === 'client' ? request.body : await withHistory(turn, budget, request.body, messages);
  const mark = { history, conversation_id: turn.conversationId, ...sources };
  return { request: { ...request, body, context }, sink: new TurnSink(sink, mark, endingOf(turn, messages)) };
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
async function withHistory(turn: ConversationTurn, budget: number, bytes: Buffer, messages: readonly unknown[]): Promise<Buffer> {
  const stored = await historyWithin(turn, budget, messages);
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

function endingOf(turn: ConversationTurn, messages: readonly unknown[]): TurnEnding {
  const asked = itemsOfMessages(newMessages(messages));
  return {
    async keep(answer, recording): Promise<void> {
      if (answer === undefined) await turn.abandon();
      else await turn.commit([...asked, ...itemsOfAnswer(answer)].map(withNewId), recording);
    },
    abandon: () => void turn.abandon(),
  };
}
