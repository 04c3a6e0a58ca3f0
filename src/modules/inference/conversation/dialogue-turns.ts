import { Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
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
import { OpenStreams } from '../../open-streams/open-streams.js';
import type { CallDraft } from '../call/call-plan.js';
import type { Additions, Dialogue } from '../call/dialogue.js';
import type { DocumentContext } from '../call/document-context.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { KindFacts } from '../call/kind-facts.js';
import type { ReplySink } from '../call/reply-sink.js';
import type { Stage } from '../call/stage.js';
import { DialoguePassages } from '../retrieval/dialogue-passages.js';
import { newestTurns } from './newest-turns.js';
import { MarkStage } from './mark-stage.js';
import { TurnStage, type TurnEnding } from './turn-stage.js';

/** A call that has become a turn or was given passages: what it is given, and what its answer passes through. */
export interface OpenTurn {
  readonly additions: Additions;
  readonly stages: readonly Stage[];
}

const sessionHeaders = ['x-gt-session-key', 'x-openclaw-session-key'] as const;

/**
 * Makes calls turns of conversations: finds which, waits for the turns before, puts the history in front. Passages of
 * documents are put in front too, in turns and in calls of agents with datasets. Only kinds with a dialogue have either.
 */
@Injectable()
export class DialogueTurns {
  constructor(
    private readonly store: ConversationStore,
    private readonly openStreams: OpenStreams,
    private readonly passages: DialoguePassages,
  ) {}

  /** The conversation that the call's header names. An empty header is none. @throws AppError invalid_value. */
  named(kind: KindFacts, headers: IncomingHttpHeaders): ConversationName | undefined {
    const value = headers[conversationHeader];
    return value === undefined || value === '' || !kind.isDialogue ? undefined : conversationNamed(String(value));
  }

  /**
   * The conversation that the call continues: the named one, else that of its session, where its agent has sessions on.
   * Where the tenant has switched conversations off there is none.
   * @throws AppError not_found when it is then named by an id of ours.
   */
  continued(named: ConversationName | undefined, draft: CallDraft, request: InferenceRequest): ConversationName | undefined {
    if (named === undefined && draft.endpoint.agent?.sessions !== true) return undefined;
    if (!request.identity.tenant.groupsOff.has('conversations')) return named ?? sessionOf(draft, request);
    if (named?.kind === 'own') throw new AppError('not_found', { param: conversationHeader, message: 'No such conversation.' });
    return undefined;
  }

  /**
   * Begins the turn, where the call continues a conversation, and finds the passages that help to answer. The turn ends with
   * the stages: whoever has them ends or abandons them.
   * @throws AppError not_found, conflict, invalid_request; what ended the waiting when the caller left or lost the key.
   */
  async open(
    name: ConversationName | undefined,
    draft: CallDraft,
    dialogue: Dialogue,
    request: InferenceRequest,
    sink: ReplySink,
  ): Promise<OpenTurn> {
    return this.watched(draft, request, sink, async (signal) => {
      const turn = name === undefined ? undefined : await this.begin(name, draft, request, sink, signal);
      try {
        const question = { draft, dialogue, request, conversationId: turn?.conversationId, signal };
        return await opened(dialogue, turn, await this.passages.of(question));
      } catch (error) {
        await turn?.abandon();
        throw error;
      }
    });
  }

  /** Waits until it is this call's turn. */
  private async begin(
    name: ConversationName,
    { endpoint }: CallDraft,
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
    { endpoint, kind: { routeId, modality } }: CallDraft,
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

/** What the call is given: the history, where the store has it, and the passages; `gt` says what was added. */
async function opened(
  dialogue: Dialogue,
  turn: ConversationTurn | undefined,
  context: DocumentContext | undefined,
): Promise<OpenTurn> {
  const sources = context === undefined ? {} : { sources: context.sources };
  if (turn === undefined) return { additions: { context }, stages: [new MarkStage(dialogue, sources)] };
  const kept = dialogue.bringsHistory ? 'client' : 'server';
  const history = kept === 'client' ? [] : await newestTurns(turn, dialogue.tokensLeft(context));
  const mark = { history: kept, conversation_id: turn.conversationId, ...sources };
  const stages = [new TurnStage(dialogue.openAnswer(), endingOf(turn, dialogue)), new MarkStage(dialogue, mark)];
  return { additions: { context, history }, stages };
}

/** The session that a header names, or OpenAI's `user`. */
function sessionOf({ dialogue }: CallDraft, { headers }: InferenceRequest): ConversationName | undefined {
  if (dialogue === undefined) return undefined;
  const header = sessionHeaders.map((name) => headers[name]).find((value) => value !== undefined && value !== '');
  if (header !== undefined) return conversationOfSession(String(header));
  const { user } = dialogue;
  return user === undefined || user === '' ? undefined : conversationOfSession(user);
}

function endingOf(turn: ConversationTurn, dialogue: Dialogue): TurnEnding {
  const asked = dialogue.newItems();
  return {
    async keep(answer, recording): Promise<void> {
      if (answer === undefined) await turn.abandon();
      else await turn.commit([...asked, ...answer].map(withNewId), recording);
    },
    abandon: () => void turn.abandon(),
  };
}
