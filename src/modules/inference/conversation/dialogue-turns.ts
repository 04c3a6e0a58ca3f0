import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../kernel/fields.js';
import { conversationHeader, type ConversationName } from '../../conversations/conversation-name.js';
import { ConversationStore } from '../../conversations/conversation-store.js';
import type { StoredItem } from '../../conversations/conversation-record.js';
import { once, type ConversationTurn, type Keeping } from '../../conversations/conversation-turn.js';
import { OpenStreams } from '../../open-streams/open-streams.js';
import { CallFiles } from '../attachments/call-files.js';
import type { BackgroundRun } from '../call/background-call.js';
import type { CallDraft } from '../call/call-plan.js';
import type { PrintedItem, ResponseOwner } from '../../responses/response-record.js';
import { ResponsesService } from '../../responses/responses.service.js';
import { holdsNothing } from '../call/contributions.js';
import type { Additions, Dialogue, ReferencedItems } from '../call/dialogue.js';
import { filesOfItem } from '../call/named-files.js';
import type { DocumentContext } from '../call/document-context.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { ReplySink } from '../call/reply-sink.js';
import type { KeepingStage, Stage } from '../call/stage.js';
import { DialoguePassages } from '../retrieval/dialogue-passages.js';
import { historyFor, keepsHistory } from './dialogue-history.js';
import { heldBy } from './held-by.js';
import { KeptTurn, type TurnToKeep } from './kept-turn.js';
import { MarkStage } from './mark-stage.js';
import { TurnStage } from './turn-stage.js';

/** A call that has become a turn or was given passages. */
export interface OpenTurn {
  /** What it is given. */
  readonly additions: Additions;
  /**
   * What its answer passes through; whoever has the stages ends or abandons them, and with them the turn.
   * @param dialogue that of the draft by which the call is sent: a draft that was made anew knows nothing of one before it.
   * @param stored what stores the answer besides, in the turn's transaction.
   */
  stages(dialogue: Dialogue, stored: KeepingStage | undefined): readonly Stage[];
  /** Ends a turn whose call is not sent. */
  abandon(): Promise<void>;
}

/**
 * Makes calls turns of conversations: waits for the turns before, puts the history in front. Passages of
 * documents are put in front too, in turns and in calls of agents with datasets. Only kinds with a dialogue have either.
 */
@Injectable()
export class DialogueTurns {
  constructor(
    private readonly store: ConversationStore,
    private readonly openStreams: OpenStreams,
    private readonly passages: DialoguePassages,
    private readonly responses: ResponsesService,
    private readonly files: CallFiles,
  ) {}

  /** True for a call that goes on from something, that names files, or of which something is kept: it waits for the database. */
  isKept({ dialogue }: CallDraft): boolean {
    return (
      dialogue !== undefined &&
      (dialogue.keepsAnswer ||
        dialogue.fileSearch !== undefined ||
        dialogue.previousResponseId !== undefined ||
        dialogue.references.length > 0 ||
        dialogue.files.length > 0)
    );
  }

  /**
   * Begins the turn, where the call continues a conversation, and finds the passages that help to answer. Whoever has it
   * abandons it, or makes its stages.
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
      const { tenantId, id: keyId } = request.identity.key;
      const owner = { tenantId, keyId };
      const { background } = request;
      const judged = await this.passages.judge(dialogue, draft, request);
      const keeping: Keeping = background === undefined ? once : (work) => background.keeping(work);
      const earlier = await this.earlier(owner, dialogue, background);
      const referenced = await this.responses.referenced(owner, dialogue.references);
      const { wire } = draft.target.connection;
      const own = await this.files.named(dialogue.files, wire, request);
      const { isCounted } = dialogue;
      const turn = name === undefined || isCounted ? undefined : await this.begin(name, draft, request, sink, signal);
      try {
        const place = name !== undefined && isCounted ? await this.look(owner, name) : turn;
        const contributions = dialogue.contributions(referenced);
        const before = async (): Promise<readonly Fields[]> => {
          const history = await historyFor(place, dialogue, contributions, dialogue.tokensLeft(undefined));
          return [...history, ...earlier.map(({ json }) => JSON.parse(json) as Fields)];
        };
        const text = dialogue.question();
        const search = judged === undefined ? undefined : { judged, text: text === '' ? askedLast(await before()) : text };
        const question = { draft, request, text, conversationId: place?.conversationId, search, signal };
        const context = isCounted ? await this.passages.atMost(question) : await this.passages.of(question);
        const tokensLeft = (): number => dialogue.tokensLeft(context);
        const isClients = keepsHistory(dialogue, contributions);
        const history = await historyFor(place, dialogue, contributions, tokensLeft() - own.tokens);
        const files = await this.files.earlier(namedBefore(earlier, referenced, history), own, tokensLeft, wire, request);
        const held = turn === undefined ? holdsNothing : await heldBy(turn, contributions, isClients);
        const mark = markOf(turn, isClients, context);
        const kept = { keeper: { ...owner, keeping }, turn, said: { earlier, referenced, held }, mark };
        return {
          additions: { context, earlier, referenced, conversationId: place?.conversationId, history, files },
          stages: (current, stored) => this.stages({ ...kept, dialogue: current, stored }),
          abandon: async () => turn?.abandon(),
        };
      } catch (error) {
        await turn?.abandon();
        throw error;
      }
    });
  }

  /** What was said up to the response that the request goes on from. What was taken in has all of it with it. */
  private async earlier(
    owner: ResponseOwner,
    { earlier, previousResponseId }: Dialogue,
    background: BackgroundRun | undefined,
  ): Promise<readonly PrintedItem[]> {
    if (earlier !== undefined) return earlier;
    if (previousResponseId === undefined) return [];
    return background === undefined
      ? this.responses.chain(owner, previousResponseId)
      : this.responses.before(owner, background.id);
  }

  private stages(kept: TurnToKeep): readonly Stage[] {
    const { turn, dialogue, stored, mark } = kept;
    const stages: Stage[] = [];
    if (turn !== undefined || dialogue.keepsAnswer)
      stages.push(new TurnStage(dialogue.openAnswer(), new KeptTurn(this.responses, kept)));
    if (stored !== undefined) stages.push(stored);
    stages.push(new MarkStage(dialogue, mark));
    return stages;
  }

  /** The conversation for a call that is only counted: none is made, and nobody is waited for. */
  private async look(
    owner: ResponseOwner,
    name: ConversationName,
  ): Promise<Pick<ConversationTurn, 'conversationId' | 'newestItems'> | undefined> {
    const id = await this.store.find(owner, name);
    return id === undefined ? undefined : this.store.reading(owner.tenantId, id);
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

/** `gt` tells what was put in front, and where the turn belongs. */
function markOf(
  turn: ConversationTurn | undefined,
  isClients: boolean,
  context: DocumentContext | undefined,
): Fields | undefined {
  const mark = {
    ...(turn === undefined ? {} : { history: isClients ? 'client' : 'server', conversation_id: turn.conversationId }),
    ...(context === undefined ? {} : { sources: context.sources }),
  };
  return Object.keys(mark).length === 0 ? undefined : mark;
}

/** The text of the newest message of the user. */
function askedLast(items: readonly Fields[]): string {
  const message = items.findLast(({ type, role }) => type === 'message' && role === 'user');
  const content = message?.['content'];
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .flatMap((part) => (isFields(part) && typeof part['text'] === 'string' ? part['text'] : []))
    .join('\n');
}

/** The files that items before the request's own name, those of the newest first. */
function namedBefore(
  earlier: readonly PrintedItem[],
  referenced: ReferencedItems,
  history: readonly StoredItem[] = [],
): string[] {
  const printed = [...earlier, ...referenced.values()].filter(({ json }) => json.includes('"file_id"'));
  const items = [...printed.map(({ json }) => JSON.parse(json) as StoredItem), ...history];
  return items.reverse().flatMap(filesOfItem);
}
