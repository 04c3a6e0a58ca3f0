import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { needsOfRoute } from '../../../catalog/needs.js';
import { asAppError } from '../../../kernel/app-error.js';
import { conversationHeader, type ConversationName } from '../../conversations/conversation-name.js';
import { ConversationStore } from '../../conversations/conversation-store.js';
import type { QueuedCall } from '../../responses/background/background-record.js';
import { BackgroundService } from '../../responses/background/background.service.js';
import type { ResponseOwner } from '../../responses/response-record.js';
import { ResponsesService } from '../../responses/responses.service.js';
import { KeyTouches } from '../../usage/key-touches.js';
import { CallFiles } from '../attachments/call-files.js';
import type { BackgroundCall } from '../call/background-call.js';
import type { CallDraft } from '../call/call-plan.js';
import type { Additions, Dialogue } from '../call/dialogue.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { keptInput } from '../call/kept-input.js';
import type { ReplySink } from '../call/reply-sink.js';
import { historyFor } from '../conversation/dialogue-history.js';
import { FileSearches } from '../retrieval/file-searches.js';
import { responseEvent } from './shown-response.js';
import { StoredStreams } from './stored-streams.js';

const jsonType = 'application/json; charset=utf-8';
/** Headers of a request that count for what is asked, of whom, and in which conversation. */
const counting = [
  'x-openclaw-agent-id',
  'x-gt-model',
  'x-openclaw-model',
  'x-gt-session-key',
  'x-openclaw-session-key',
  conversationHeader,
] as const;

/** A request whose client does not wait for the answer. */
export interface BackgroundRequest {
  readonly conversation: ConversationName | undefined;
  readonly draft: CallDraft;
  readonly background: BackgroundCall;
  readonly dialogue: Dialogue;
  readonly request: InferenceRequest;
  readonly sink: ReplySink;
}

/** Takes in calls that a worker makes, and answers what has been taken in. */
@Injectable()
export class AcceptedCalls {
  constructor(
    private readonly store: ConversationStore,
    private readonly responses: ResponsesService,
    private readonly background: BackgroundService,
    private readonly streams: StoredStreams,
    private readonly files: CallFiles,
    private readonly searches: FileSearches,
    private readonly touches: KeyTouches,
  ) {}

  /** Everything that can be judged now is judged now. Never rejects: every outcome goes to the sink. */
  async accept(asked: BackgroundRequest): Promise<void> {
    const { sink } = asked;
    try {
      await asked.request.approved?.sending();
      await this.take(asked);
    } catch (error) {
      sink.fail(asAppError(error));
    }
  }

  private async take({ conversation, draft, background, dialogue, request, sink }: BackgroundRequest): Promise<void> {
    const { tenantId, id: keyId } = request.identity.key;
    const owner = { tenantId, keyId };
    const { previousResponseId } = dialogue;
    const body = Buffer.from(background.body());
    const earlier = previousResponseId === undefined ? [] : await this.responses.chain(owner, previousResponseId);
    const referenced = await this.responses.referenced(owner, dialogue.references);
    if (dialogue.fileSearch !== undefined) await this.searches.judge(dialogue.fileSearch, draft, request);
    await this.files.judge(dialogue.files, draft.target.connection.wire, request);
    const conversationId = await this.conversationOf(owner, conversation, draft, sink);
    // The history as it is now, for what can be judged by it.
    const held = conversationId === undefined ? undefined : this.store.reading(tenantId, conversationId);
    const contributions = dialogue.contributions(referenced);
    const history = await historyFor(held, dialogue, contributions, dialogue.tokensLeft(undefined));
    const additions: Additions = { earlier, referenced, conversationId, history };
    await draft.prepare?.(additions);
    const { id, object } = background.queued(additions);
    const input = keptInput(dialogue.newItems(referenced));
    const response = {
      id,
      model: draft.publishedName,
      status: 'queued' as const,
      object,
      previousResponseId,
      conversationId,
      earlier,
      input,
      output: [],
    };
    const call = queuedCall(draft, background, request, body, object);
    // What no provider would be asked is refused now; what is left out of it is told.
    for (const [name, value] of Object.entries(draft.plan(additions).replyHeaders ?? {})) sink.setHeader(name, value);
    // A worker needs this of the key until it has ended.
    this.touches.rely(request.identity.key, needsOfRoute(draft.kind.routeId));
    if (background.isFollowed) {
      const made = await this.background.add(owner, response, call, undefined);
      this.streams.follow({ tenantId, id: made }, -1, { ...request, routeId: draft.kind.routeId }, sink);
      return;
    }
    const answer = Buffer.from(object);
    sink.head(200, jsonType);
    await this.background.add(owner, response, call, sink.recording(answer));
    sink.end(answer);
  }

  /** The conversation of which the call becomes a turn; it is made when it is first named. */
  private async conversationOf(
    owner: ResponseOwner,
    name: ConversationName | undefined,
    { endpoint }: CallDraft,
    sink: ReplySink,
  ): Promise<string | undefined> {
    if (name === undefined) return undefined;
    const id = await this.store.resolve(owner, name, endpoint.name);
    sink.setHeader(conversationHeader, id);
    return id;
  }
}

function queuedCall(
  draft: CallDraft,
  background: BackgroundCall,
  { identity, requestId, ip, headers }: InferenceRequest,
  body: Buffer,
  object: string,
): QueuedCall {
  const given = counting.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : []));
  const repeat = headers['idempotency-key'];
  return {
    route: draft.kind.routeId,
    requestId,
    ip,
    headers: Object.fromEntries(given) as Record<string, string>,
    body,
    // An answer in one piece is recorded when it is made; a stream is not, and is found again by this.
    repeatKey:
      typeof repeat === 'string' && background.isFollowed
        ? createHash('sha256')
            .update(JSON.stringify([identity.key.id, repeat]))
            .update(body)
            .digest('hex')
        : undefined,
    events: [responseEvent('response.created', 0, object), responseEvent('response.queued', 1, object)],
  };
}
