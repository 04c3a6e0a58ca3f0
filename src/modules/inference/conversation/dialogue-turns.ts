import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import type { Fields } from '../../../kernel/fields.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { conversationHeader, type ConversationName } from '../../conversations/conversation-name.js';
import { ConversationStore } from '../../conversations/conversation-store.js';
import type { StoredItem } from '../../conversations/conversation-record.js';
import { once, type ConversationTurn, type Keeping } from '../../conversations/conversation-turn.js';
import type { NewItem } from '../../conversations/item-form.js';
import { OpenStreams } from '../../open-streams/open-streams.js';
import { CallFiles } from '../attachments/call-files.js';
import { AnswerPart } from '../call/answer-part.js';
import type { BackgroundRun } from '../call/background-call.js';
import type { CallDraft } from '../call/call-plan.js';
import type { NewResponse, PrintedItem, ResponseOwner } from '../../responses/response-record.js';
import { ResponsesService } from '../../responses/responses.service.js';
import type { Additions, Dialogue, KeptAnswer, ReferencedItems } from '../call/dialogue.js';
import { filesOfItem } from '../call/named-files.js';
import type { DocumentContext } from '../call/document-context.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { keptInput, withOwnId } from '../call/kept-input.js';
import type { ReplySink } from '../call/reply-sink.js';
import type { KeepingStage, Stage } from '../call/stage.js';
import { DialoguePassages } from '../retrieval/dialogue-passages.js';
import { newestTurns } from './newest-turns.js';
import { MarkStage } from './mark-stage.js';
import { TurnStage, type TurnEnding } from './turn-stage.js';

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

/** Kept items that belong to a call: those before it, and those that it refers to. */
interface SaidBefore {
  readonly earlier: readonly PrintedItem[];
  readonly referenced: ReferencedItems;
}

/** Who keeps an answer, and with what patience. */
interface Keeper extends ResponseOwner {
  readonly keeping: Keeping;
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
      const keeping: Keeping = background === undefined ? once : (work) => background.keeping(work);
      const earlier = await this.earlier(owner, dialogue, background);
      const referenced = await this.responses.referenced(owner, dialogue.references);
      const { wire } = draft.target.connection;
      const own = await this.files.named(dialogue.files, wire, request);
      const turn = name === undefined ? undefined : await this.begin(name, draft, request, sink, signal);
      try {
        const question = { draft, dialogue, request, conversationId: turn?.conversationId, signal };
        const context = await this.passages.of(question);
        const tokensLeft = (): number => dialogue.tokensLeft(context);
        const history = turn === undefined || dialogue.bringsHistory ? [] : await newestTurns(turn, tokensLeft() - own.tokens);
        const files = await this.files.earlier(namedBefore(earlier, referenced, history), own, tokensLeft, wire, request);
        const said = { earlier, referenced };
        return {
          additions: { context, ...said, conversationId: turn?.conversationId, history, files },
          stages: (current, stored) => this.stages({ ...owner, keeping }, current, turn, said, context, stored),
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

  /** `gt` tells what was put in front. */
  private stages(
    keeper: Keeper,
    dialogue: Dialogue,
    turn: ConversationTurn | undefined,
    said: SaidBefore,
    context: DocumentContext | undefined,
    stored: KeepingStage | undefined,
  ): readonly Stage[] {
    const history = dialogue.bringsHistory ? 'client' : 'server';
    const told = {
      ...(turn === undefined ? {} : { history, conversation_id: turn.conversationId }),
      ...(context === undefined ? {} : { sources: context.sources }),
    };
    const mark = Object.keys(told).length === 0 ? undefined : told;
    const stages: Stage[] = [];
    if (turn !== undefined || dialogue.keepsAnswer)
      stages.push(new TurnStage(dialogue.openAnswer(), this.endingOf(keeper, dialogue, turn, said, stored, mark)));
    if (stored !== undefined) stages.push(stored);
    stages.push(new MarkStage(dialogue, mark));
    return stages;
  }

  /** A turn and an answer that is kept by itself, or stored, are written in one transaction. */
  private endingOf(
    { keeping, ...owner }: Keeper,
    dialogue: Dialogue,
    turn: ConversationTurn | undefined,
    { earlier, referenced }: SaidBefore,
    stored: KeepingStage | undefined,
    mark: Fields | undefined,
  ): TurnEnding {
    const asked = dialogue.newItems(referenced);
    const isNew = ({ id }: NewItem): boolean => typeof id !== 'string' || !referenced.has(id);
    return {
      keep: async (answer, recording): Promise<void> => {
        const kept = withMark(answer.kept(), dialogue, mark);
        const response = kept === undefined ? undefined : newResponse(kept, dialogue, asked, earlier, turn?.conversationId);
        const items = answer.items();
        if (turn !== undefined && items !== undefined) {
          const besides = stored === undefined ? recording : stored.join(recording);
          const keep = async (tx: Transaction): Promise<void> => {
            if (response !== undefined) await this.responses.keepIn(tx, owner, response);
            await besides?.(tx);
          };
          await turn.commit([...asked.filter(isNew), ...items].map(withOwnId), keep, keeping);
          return;
        }
        await turn?.abandon();
        if (response !== undefined) await keeping(() => this.responses.keep(owner, response, recording));
      },
      abandon: () => void turn?.abandon(),
    };
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

/** An answer is found again as it was given, with what tells where it belongs. */
function withMark(kept: KeptAnswer | undefined, dialogue: Dialogue, mark: Fields | undefined): KeptAnswer | undefined {
  if (kept === undefined || mark === undefined) return kept;
  const { bytes } = dialogue.marked(new AnswerPart(Buffer.from(kept.object)), mark);
  return { ...kept, object: bytes.toString('utf8') };
}

function newResponse(
  kept: KeptAnswer,
  { previousResponseId }: Dialogue,
  asked: readonly NewItem[],
  earlier: readonly PrintedItem[],
  conversationId: string | undefined,
): NewResponse {
  return { ...kept, previousResponseId, conversationId, earlier, input: keptInput(asked) };
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
